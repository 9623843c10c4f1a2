// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <concepts>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/ensure.h"
#include "config/settings.h"

/// A kind is a class with a name, a summary, its settings and an interface that it implements:
///
///     class round_robin final : public balancer {
///       public:
///         static constexpr std::string_view name = "round_robin";
///         static constexpr std::string_view summary = "Each server in turn, by weight.";
///         struct settings { bool operator==(const settings&) const = default; };
///         explicit round_robin(const settings&);
///
/// Its folder lists it, in kinds.cc, which kinds.h declares:
///
///     extern const config::kind_table<balancer> kinds;                          // kinds.h
///     using choice = config::choice<kinds>;
///
///     constexpr config::kind_table<balancer> kinds =                            // kinds.cc
///         config::kinds_of<balancer>::list<least_connections, round_robin>();
///
/// Where a kind's constructor takes more than its settings, the types of that follow the
/// interface: `kind_table<affinity, const context&>`, `kinds_of<affinity, const context&>`.
/// A missing member or a name used twice does not compile. The configuration's name is the type's
/// with hyphens: `round-robin`.
namespace hawser::config {

/// A kind's settings without their type. Shared, never changed.
using any_settings = std::shared_ptr<const void>;

/// What is known about one kind without knowing its class.
template <typename Interface, typename... Context>
struct kind {
    std::string_view name;  ///< as the configuration says it, with hyphens
    std::string_view summary;
    const description& (*describe)();
    any_settings (*defaults)();
    /// Null, and `out` knows why, when something is wrong.
    any_settings (*read)(const node& given, diagnostics& out);
    node (*show)(const void* settings);
    bool (*equal)(const void* left, const void* right);
    std::unique_ptr<Interface> (*make)(const void* settings, Context... context);
};

/// Every kind of one interface; a view of a constant.
template <typename Interface, typename... Context>
class kind_table {
  public:
    using interface = Interface;
    using kind_type = kind<Interface, Context...>;

    explicit constexpr kind_table(std::span<const kind_type> all) : all_(all) {}

    [[nodiscard]] constexpr auto begin() const { return all_.begin(); }
    [[nodiscard]] constexpr auto end() const { return all_.end(); }
    [[nodiscard]] constexpr std::size_t size() const { return all_.size(); }

    /// By the configuration's name; nullptr if there is none.
    [[nodiscard]] constexpr const kind_type* find(std::string_view name) const {
        for (const auto& one : all_) {
            if (one.name == name) return &one;
        }
        return nullptr;
    }

    [[nodiscard]] std::vector<std::string_view> names() const {
        std::vector<std::string_view> all;
        for (const auto& one : all_) all.push_back(one.name);
        return all;
    }

  private:
    std::span<const kind_type> all_;
};

namespace detail {

/// `Kind::name` with hyphens, as a constant.
template <typename Kind>
inline constexpr auto hyphenated = [] {
    std::array<char, Kind::name.size()> text{};
    for (std::size_t i = 0; i < text.size(); ++i) {
        text[i] = Kind::name[i] == '_' ? '-' : Kind::name[i];
    }
    return text;
}();

template <typename Kind>
consteval void check_members() {
    static_assert(
        requires {
            { Kind::name } -> std::convertible_to<std::string_view>;
        }, "a kind needs `static constexpr std::string_view name`");
    static_assert(
        requires {
            { Kind::summary } -> std::convertible_to<std::string_view>;
        }, "a kind needs `static constexpr std::string_view summary`");
    static_assert(requires { typename Kind::settings; }, "a kind needs `struct settings`");
    static_assert(std::equality_comparable<typename Kind::settings>,
                  "a kind's settings need `bool operator==(const settings&) const = default`");
    static_assert(std::default_initializable<typename Kind::settings>,
                  "a kind's settings need a default for each field");
    static_assert(std::is_empty_v<typename Kind::settings> || is_described<typename Kind::settings>,
                  "a kind's settings need `static void describe(config::fields<settings>& field)`");
}

template <typename Kind, typename Interface, typename... Context>
consteval kind<Interface, Context...> entry_for() {
    check_members<Kind>();
    static_assert(std::derived_from<Kind, Interface>, "a kind implements its table's interface");
    using settings = typename Kind::settings;
    static_assert(std::constructible_from<Kind, const settings&, Context...>,
                  "a kind is made from its settings and its table's context");
    return {
        .name = std::string_view(hyphenated<Kind>.data(), hyphenated<Kind>.size()),
        .summary = Kind::summary,
        .describe = &description_of<settings>,
        .defaults = []() -> any_settings { return std::make_shared<const settings>(); },
        .read = [](const node& given, diagnostics& out) -> any_settings {
            auto into = std::make_shared<settings>();
            if (!read_object(description_of<settings>(), given, into.get(), out)) return nullptr;
            return into;
        },
        .show = [](const void* one) { return show_object(description_of<settings>(), one); },
        .equal =
            [](const void* left, const void* right) {
                return *static_cast<const settings*>(left) == *static_cast<const settings*>(right);
            },
        .make = [](const void* one, Context... context) -> std::unique_ptr<Interface> {
            return std::make_unique<Kind>(*static_cast<const settings*>(one),
                                          std::forward<Context>(context)...);
        },
    };
}

template <typename... Kinds>
consteval bool names_are_unique() {
    const std::array<std::string_view, sizeof...(Kinds)> names{Kinds::name...};
    for (std::size_t i = 0; i < names.size(); ++i) {
        for (std::size_t j = i + 1; j < names.size(); ++j) {
            if (names[i] == names[j]) return false;
        }
    }
    return true;
}

}  // namespace detail

/// `kinds_of<balancer>::list<a, b>()` is the table of a and b.
template <typename Interface, typename... Context>
struct kinds_of {
    template <typename... Kinds>
    static constexpr std::array<kind<Interface, Context...>, sizeof...(Kinds)> entries{
        detail::entry_for<Kinds, Interface, Context...>()...};

    template <typename... Kinds>
    static consteval kind_table<Interface, Context...> list() {
        static_assert(detail::names_are_unique<Kinds...>(), "two kinds have the same name");
        return kind_table<Interface, Context...>(entries<Kinds...>);
    }
};

/// A kind that the configuration chose, with its settings: a value, cheap to copy.
///
/// Written as the kind's name, or as a map of one key, the kind's name, to its settings.
template <const auto& Kinds>
class choice {
  public:
    using table = std::remove_cvref_t<decltype(Kinds)>;
    using interface = typename table::interface;
    using kind_type = typename table::kind_type;

    /// The kind called `name`, which must be in the table, with its default settings.
    explicit choice(std::string_view name) : kind_(Kinds.find(name)) {
        ensure(kind_ != nullptr, "a default names a kind of its table");
        settings_ = kind_->defaults();
    }
    /// The table's first kind.
    choice() : kind_(&*Kinds.begin()), settings_(kind_->defaults()) {}
    choice(const kind_type& chosen, any_settings settings)
        : kind_(&chosen), settings_(std::move(settings)) {}

    [[nodiscard]] std::string_view name() const { return kind_->name; }
    [[nodiscard]] const kind_type& chosen() const { return *kind_; }

    /// The settings, if `Kind` is what was chosen; else nullptr.
    template <typename Kind>
    [[nodiscard]] const typename Kind::settings* settings_if() const {
        const std::string_view asked(detail::hyphenated<Kind>.data(),
                                     detail::hyphenated<Kind>.size());
        return name() == asked ? static_cast<const typename Kind::settings*>(settings_.get())
                               : nullptr;
    }

    /// As it is written: the name alone, or with the effective settings if it has any.
    [[nodiscard]] node show() const {
        auto settings = kind_->show(settings_.get());
        if (settings.entries().empty()) return node::plain(std::string(name()));
        auto all = node::empty_map();
        all.set(std::string(name()), std::move(settings));
        return all;
    }

    template <typename... Context>
    [[nodiscard]] std::unique_ptr<interface> make(Context&&... context) const {
        return kind_->make(settings_.get(), std::forward<Context>(context)...);
    }

    friend bool operator==(const choice& left, const choice& right) {
        return left.kind_ == right.kind_ &&
               left.kind_->equal(left.settings_.get(), right.settings_.get());
    }

  private:
    const kind_type* kind_;
    any_settings settings_;
};

namespace detail {

/// The name and the settings (an empty map when there are none) that `given` chooses.
struct chosen_by {
    std::size_t which;
    node settings;
};
bool read_choice(const node& given, std::span<const std::string_view> known, chosen_by& into,
                 diagnostics& out);
shape type_of_choice(std::vector<shape::alternative> all);

}  // namespace detail

template <const auto& Kinds>
struct codec<choice<Kinds>> {
    static bool read(const node& given, choice<Kinds>& into, diagnostics& out) {
        detail::chosen_by chosen{};
        if (!detail::read_choice(given, Kinds.names(), chosen, out)) return false;
        const auto& kind = Kinds.begin()[static_cast<std::ptrdiff_t>(chosen.which)];
        auto settings = kind.read(chosen.settings, out);
        if (!settings) return false;
        into = choice<Kinds>(kind, std::move(settings));
        return true;
    }
    static node show(const choice<Kinds>& value) { return value.show(); }
    static shape type() {
        std::vector<shape::alternative> all;
        for (const auto& one : Kinds) {
            all.push_back({std::string(one.name), std::string(one.summary), &one.describe()});
        }
        return detail::type_of_choice(std::move(all));
    }
};

namespace detail {

/// The shape of a kind's settings where its name is their key.
shape type_of_kind(const description& settings);
/// What stands for a kind without any setting written.
bool is_on(const node& given);

/// One kind of a table as a key of a settings struct, see `add_kinds`.
template <typename S, const auto& Kinds>
class kind_field final : public field {
  public:
    using kind_type = typename choice<Kinds>::kind_type;

    kind_field(const kind_type& kind, std::optional<choice<Kinds>> S::* member)
        : field(kind.name, kind.summary), kind_(kind), member_(member) {}

    void read(const node& given, void* object, diagnostics& out) const override {
        auto& value = static_cast<S*>(object)->*member_;
        if (value) {
            out.error(given.at(), "`" + key_ + "` beside `" + std::string(value->name()) +
                                      "`: only one of them can be there");
            return;
        }
        auto written = is_on(given) ? node::empty_map() : given;
        written.place_at(given.at());
        if (auto settings = kind_.read(written, out)) value.emplace(kind_, std::move(settings));
    }

    [[nodiscard]] node show(const void* object) const override {
        const auto& value = static_cast<const S*>(object)->*member_;
        if (!value || value->name() != key_) return {};
        auto shown = value->show();
        return shown.is_map() ? shown.entries().front().value : node::plain("on");
    }

    [[nodiscard]] shape type() const override { return type_of_kind(kind_.describe()); }

  private:
    const kind_type& kind_;
    std::optional<choice<Kinds>> S::* member_;
};

}  // namespace detail

/// Makes each kind's name a key beside the other fields, of which one may be there:
/// `health: {http: {path: /up}, interval: 2s}`. `NAME: on` is the kind with its defaults.
template <typename S, const auto& Kinds>
void add_kinds(fields<S>& field, std::optional<choice<Kinds>> S::* member) {
    for (const auto& kind : Kinds)
        field.add(std::make_unique<detail::kind_field<S, Kinds>>(kind, member));
}

}  // namespace hawser::config
