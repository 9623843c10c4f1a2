// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>
#include <string>

#include "base/result.h"
#include "tls/handles.h"

namespace hawser::tls {

/// What an OCSP responder has said of a certificate, to be shown with it.
struct stapled_answer {
    std::string bytes;      ///< DER
    std::time_t until = 0;  ///< when it must have been replaced; later it is not shown

    /// Of a file in DER. An answer about another certificate, or one that is no success, is
    /// refused; one that is out of date is not shown, as clients would take it for an attack.
    [[nodiscard]] static result<stapled_answer> read(const std::string& path, const x509_st* about);
};

}  // namespace hawser::tls
