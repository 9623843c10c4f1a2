// SPDX-License-Identifier: Apache-2.0
#include "app/counted_allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

namespace hawser {

std::size_t allocations_so_far() noexcept { return allocations.load(std::memory_order_relaxed); }

}  // namespace hawser

#if __has_feature(thread_sanitizer)

// It brings the operators, and tells of every call.
extern "C" void __sanitizer_malloc_hook(const volatile void*, std::size_t) {
    allocations.fetch_add(1, std::memory_order_relaxed);
}

#else

namespace {

void* counted(void* made) {
    if (made == nullptr) std::abort();
    allocations.fetch_add(1, std::memory_order_relaxed);
    return made;
}

}  // namespace

// The program's own: the others of the standard library call these.
void* operator new(std::size_t size) { return counted(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t to) {
    const auto step = std::size_t(to);
    return counted(std::aligned_alloc(step, (size + step - 1) / step * step));
}
void operator delete(void* made) noexcept { std::free(made); }
void operator delete(void* made, std::size_t) noexcept { std::free(made); }
void operator delete(void* made, std::align_val_t) noexcept { std::free(made); }
void operator delete(void* made, std::size_t, std::align_val_t) noexcept { std::free(made); }

#endif
