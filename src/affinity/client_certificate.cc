// SPDX-License-Identifier: Apache-2.0
#include "affinity/client_certificate.h"

#include "tls/facts.h"

namespace hawser::affinity {

namespace {

/// No field, cookie or parameter has such a name.
std::string_view scope_name(certificate_part by) {
    return by == certificate_part::subject ? ":subject" : ":fingerprint";
}

}  // namespace

void client_certificate::settings::describe(config::fields<settings>& field) {
    field.shorthand("by");
    field("by", &settings::by, "What of the certificate counts.");
    describe_missing(field);
}

client_certificate::client_certificate(const settings& given, const context& made_for)
    : affinity({.kind = "client-certificate",
                .missing = given.missing,
                .proves = true,
                .names_user = true}),
      by_(given.by),
      key_(made_for, scope_name(given.by), false) {}

sighting client_certificate::find(const asking& who) {
    if (who.secured == nullptr || !who.secured->has_client())
        return sighting::nothing(cause::no_key);
    return key_.of(by_ == certificate_part::subject ? who.secured->client_subject
                                                    : who.secured->client_fingerprint);
}

}  // namespace hawser::affinity
