// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/ensure.h"
#include "config/codec.h"
#include "config/diagnostics.h"
#include "config/node.h"

/// Settings are plain structs whose members hold their defaults; each struct describes each of its
/// fields once, and parser, checks, `check --dump`, JSON Schema and the reference page come of it:
///
///     struct settings {
///         std::chrono::seconds ttl = std::chrono::minutes(30);
///
///         static void describe(config::fields<settings>& field) {
///             field("ttl", &settings::ttl, "How long an idle session stays bound.")
///                 .minimum(std::chrono::seconds(1));
///         }
///         bool operator==(const settings&) const = default;
///     };
///
/// What a member may be: see codec.h.
namespace hawser::config {

/// One described field, whatever its type.
class field {
  public:
    virtual ~field() = default;

    [[nodiscard]] std::string_view key() const { return key_; }
    [[nodiscard]] std::string_view summary() const { return summary_; }
    [[nodiscard]] bool is_required() const { return required_; }
    [[nodiscard]] bool is_secret() const { return secret_; }

    /// Reads `given` into the field of `object`; tells `out` what is wrong. What is wrong only by
    /// a bound is kept, so that further checks see what was written.
    virtual void read(const node& given, void* object, diagnostics& out) const = 0;
    /// The effective value, as `check --dump` shows it; null when it is to be left out.
    [[nodiscard]] virtual node show(const void* object) const = 0;
    [[nodiscard]] virtual shape type() const = 0;

  protected:
    field(std::string_view key, std::string_view summary) : key_(key), summary_(summary) {}

    std::string key_;
    std::string summary_;
    bool required_ = false;
    bool secret_ = false;
};

namespace detail {

template <typename T>
const T* value_of(const T& value) {
    return &value;
}
template <typename T>
const T* value_of(const std::optional<T>& value) {
    return value ? &*value : nullptr;
}
template <typename T>
const T* value_of(const switchable<T>& value) {
    return value ? &*value : nullptr;
}

}  // namespace detail

/// A field of type T in S, and what may be said about it beyond its type.
template <typename S, typename T>
class field_of final : public field {
  public:
    /// What a bound is compared with: T, or what T may hold.
    using bound = std::remove_cvref_t<decltype(*detail::value_of(std::declval<const T&>()))>;

    field_of(std::string_view key, T S::* member, std::string_view summary)
        : field(key, summary), member_(member) {}

    /// Leaving it out is an error.
    field_of& required() {
        required_ = true;
        return *this;
    }
    /// Never shown by `check --dump`.
    field_of& secret() {
        secret_ = true;
        return *this;
    }
    /// The least value allowed, and the greatest, where there is a value.
    field_of& minimum(const bound& least) {
        bounds_.push_back("at least " + codec<bound>::show(least).text());
        return check([least, said = bounds_.back()](const T& value) {
            const auto* given = detail::value_of(value);
            return given && *given < least ? "must be " + said : std::string();
        });
    }
    field_of& maximum(const bound& most) {
        bounds_.push_back("at most " + codec<bound>::show(most).text());
        return check([most, said = bounds_.back()](const T& value) {
            const auto* given = detail::value_of(value);
            return given && most < *given ? "must be " + said : std::string();
        });
    }
    /// `wrong(value)` tells what is wrong with it; an empty text: nothing.
    field_of& check(std::function<std::string(const T&)> wrong) {
        checks_.push_back(std::move(wrong));
        return *this;
    }

    void read(const node& given, void* object, diagnostics& out) const override {
        T& value = static_cast<S*>(object)->*member_;
        if (!codec<T>::read(given, value, out)) return;
        for (const auto& wrong : checks_) {
            auto why = wrong(value);
            if (why.empty()) continue;
            out.error(given.at(), "`" + key_ + "`: " + why);
            return;
        }
    }

    [[nodiscard]] node show(const void* object) const override {
        return codec<T>::show(static_cast<const S*>(object)->*member_);
    }

    [[nodiscard]] shape type() const override {
        auto mine = codec<T>::type();
        for (const auto& bound : bounds_) mine.words += ", " + bound;
        return mine;
    }

  private:
    T S::* member_;
    std::vector<std::string> bounds_ = {};
    std::vector<std::function<std::string(const T&)>> checks_ = {};
};

/// Everything that is known about the fields of one settings struct.
struct description {
    std::vector<std::unique_ptr<field>> all = {};
    /// A struct with every default.
    std::shared_ptr<const void> defaults = {};
    /// The field that a scalar in the place of the map stands for (`a: 10.0.0.1:80`), or empty.
    std::string shorthand = {};

    void add(std::unique_ptr<field> one);
    [[nodiscard]] const field* find(std::string_view key) const;
};

/// What `describe` of a settings struct is given to name its fields with.
template <typename S>
class fields {
  public:
    explicit fields(description& into) : into_(into) {}

    template <typename T>
    field_of<S, T>& operator()(std::string_view key, T S::* member, std::string_view summary) {
        auto made = std::make_unique<field_of<S, T>>(key, member, summary);
        auto& one = *made;
        into_.add(std::move(made));
        return one;
    }

    void add(std::unique_ptr<field> one) { into_.add(std::move(one)); }

    /// A scalar where the map is expected is read as the value of `key`.
    void shorthand(std::string_view key) { into_.shorthand = key; }

  private:
    description& into_;
};

/// The description of S, made at its first use. A struct without `describe` has no fields.
template <typename S>
[[nodiscard]] const description& description_of() {
    static const description made = [] {
        description all{.defaults = std::make_shared<const S>()};
        if constexpr (is_described<S>) {
            fields<S> naming(all);
            S::describe(naming);
        }
        return all;
    }();
    return made;
}

/// Reads a map into `object` of the type that `what` describes: unknown and missing keys are
/// errors. True if nothing was wrong.
bool read_object(const description& what, const node& given, void* object, diagnostics& out);
[[nodiscard]] node show_object(const description& what, const void* object);
[[nodiscard]] shape type_of_object(const description& what);

/// A settings struct as the member of another one.
template <typename S>
    requires is_described<S>
struct codec<S> {
    static bool read(const node& given, S& into, diagnostics& out) {
        return read_object(description_of<S>(), given, &into, out);
    }
    static node show(const S& value) { return show_object(description_of<S>(), &value); }
    static shape type() { return type_of_object(description_of<S>()); }
};

}  // namespace hawser::config
