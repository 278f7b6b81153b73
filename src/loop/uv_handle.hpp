// The base of all handles of the loop: found from the libuv handle, freed in its close callback.
#pragma once

#include <uv.h>

namespace vlmshim::loop {

template <typename Self, typename Uv>
struct UvHandle {
    Uv uv{};

    UvHandle() { uv.data = static_cast<Self*>(this); }

    static Self& of(const Uv* handle) { return *static_cast<Self*>(handle->data); }

    void close() {
        auto* handle = reinterpret_cast<uv_handle_t*>(&uv);
        // A handle whose init failed is unknown to the loop.
        if (handle->loop == nullptr) {
            delete static_cast<Self*>(this);
            return;
        }
        uv_close(handle, [](uv_handle_t* closed) { delete static_cast<Self*>(closed->data); });
    }
};

}  // namespace vlmshim::loop
