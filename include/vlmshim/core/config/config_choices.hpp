// The words for the values of the configuration's enums: one list for reading, printing and messages, in the file and
// on the command line.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/config/completions.hpp"
#include "vlmshim/core/config/config.hpp"

namespace vlmshim {

template <typename Enum>
struct Choice {
    std::string_view name;
    Enum value;
};

template <typename Enum>
inline constexpr std::array<Choice<Enum>, 0> choices{};

/// Without OutputMode::File, whose word continues with a path.
template <>
inline constexpr std::array<Choice<OutputMode>, 3> choices<OutputMode>{
    {{"capture", OutputMode::Capture}, {"inherit", OutputMode::Inherit}, {"discard", OutputMode::Discard}}};
template <>
inline constexpr std::array<Choice<OnExit>, 2> choices<OnExit>{{{"fail", OnExit::Fail}, {"ignore", OnExit::Ignore}}};
template <>
inline constexpr std::array<Choice<PortOwner>, 2> choices<PortOwner>{
    {{"tree", PortOwner::Tree}, {"any", PortOwner::Any}}};
template <>
inline constexpr std::array<Choice<Input>, 2> choices<Input>{{{"null", Input::Null}, {"open", Input::Open}}};
template <>
inline constexpr std::array<Choice<Busy>, 3> choices<Busy>{
    {{"fail", Busy::Fail}, {"kill", Busy::Kill}, {"reuse", Busy::Reuse}}};
template <>
inline constexpr std::array<Choice<Outsiders>, 3> choices<Outsiders>{
    {{"own", Outsiders::Own}, {"end", Outsiders::End}, {"report", Outsiders::Report}}};
template <>
inline constexpr std::array<Choice<Leftovers>, 2> choices<Leftovers>{
    {{"reap", Leftovers::Reap}, {"fail", Leftovers::Fail}}};
template <>
inline constexpr std::array<Choice<Forward>, 2> choices<Forward>{{{"test", Forward::Test}, {"group", Forward::Group}}};
template <>
inline constexpr std::array<Choice<LogFormat>, 2> choices<LogFormat>{
    {{"text", LogFormat::Text}, {"json", LogFormat::Json}}};
template <>
inline constexpr std::array<Choice<LogLevel>, 6> choices<LogLevel>{{{"trace", LogLevel::Trace},
                                                                    {"debug", LogLevel::Debug},
                                                                    {"info", LogLevel::Info},
                                                                    {"warning", LogLevel::Warning},
                                                                    {"error", LogLevel::Error},
                                                                    {"off", LogLevel::Off}}};
template <>
inline constexpr std::array<Choice<Shell>, 3> choices<Shell>{
    {{"bash", Shell::Bash}, {"zsh", Shell::Zsh}, {"fish", Shell::Fish}}};

template <typename Enum>
std::optional<Enum> find_choice(std::string_view name) {
    for (const Choice<Enum>& choice : choices<Enum>) {
        if (choice.name == name) {
            return choice.value;
        }
    }
    return std::nullopt;
}

template <typename Enum>
std::string choice_name(Enum value) {
    for (const Choice<Enum>& choice : choices<Enum>) {
        if (choice.value == value) {
            return std::string(choice.name);
        }
    }
    return {};
}

template <typename Enum>
std::vector<std::string> choice_names() {
    std::vector<std::string> names;
    for (const Choice<Enum>& choice : choices<Enum>) {
        names.emplace_back(choice.name);
    }
    return names;
}

}  // namespace vlmshim
