// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "affinity/affinity.h"
#include "affinity/context.h"
#include "affinity/value_key.h"
#include "config/settings.h"

namespace hawser::affinity {

/// What of a client's certificate tells the session.
enum class certificate_part : std::uint8_t { subject, fingerprint };
constexpr std::array<config::word<certificate_part>, 2> choices(certificate_part) {
    return {{{"subject", certificate_part::subject,
              "whom it names: the same after it was renewed, and on all devices that have one"},
             {"fingerprint", certificate_part::fingerprint, "the certificate itself"}}};
}

/// The client's certificate, once the handshake has verified it, tells the session.
class client_certificate final : public affinity {
  public:
    static constexpr std::string_view name = "client_certificate";
    static constexpr std::string_view summary = "The client's certificate.";

    struct settings {
        certificate_part by = certificate_part::subject;
        if_missing missing = if_missing::next;

        static void describe(config::fields<settings>& field);
        bool operator==(const settings&) const = default;
    };

    client_certificate(const settings& given, const context& made_for);

    sighting find(const asking& who) override;

  private:
    certificate_part by_;
    value_key key_;
};

}  // namespace hawser::affinity
