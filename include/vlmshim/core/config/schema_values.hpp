// The JSON schema of a single value: what is allowed behind a key that is no table of keys.
#pragma once

#include "vlmshim/core/config/key_shape.hpp"
#include "vlmshim/core/values/json_text.hpp"

namespace vlmshim {

/// The members of the schema object, without its braces. Nothing for Table, Tables and Ready, which have keys.
void write_value_schema(JsonWriter& out, const Shape& shape);

/// The schema of a signal, to which the values of that kind refer as "#/definitions/signal".
void write_signal_definition(JsonWriter& out);

}  // namespace vlmshim
