// SPDX-License-Identifier: Apache-2.0
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAWSER_ASAN 1
#endif
#endif

#if defined(HAWSER_ASAN)
#include <sanitizer/asan_interface.h>
#endif

namespace hawser {

/// Whether memory is watched by AddressSanitizer: then nothing is reused behind its back.
#if defined(HAWSER_ASAN)
inline constexpr bool is_memory_watched = true;
#else
inline constexpr bool is_memory_watched = false;
#endif

/// From now on touching these bytes is an error that AddressSanitizer reports; nothing elsewhere.
inline void forbid([[maybe_unused]] const void* bytes,
                   [[maybe_unused]] unsigned long size) noexcept {
#if defined(HAWSER_ASAN)
    __asan_poison_memory_region(bytes, size);
#endif
}

/// Ends what `forbid` began.
inline void allow([[maybe_unused]] const void* bytes,
                  [[maybe_unused]] unsigned long size) noexcept {
#if defined(HAWSER_ASAN)
    __asan_unpoison_memory_region(bytes, size);
#endif
}

}  // namespace hawser
