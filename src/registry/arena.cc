// SPDX-License-Identifier: Apache-2.0
#include "registry/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

#include "base/ensure.h"

namespace hawser::registry {

result<std::unique_ptr<arena>> arena::reserve(std::size_t bytes) {
    void* begin = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (begin == MAP_FAILED)
        return std::unexpected(system_error(errno, "reserving memory for the registry"));
    // Huge pages would make lookups in millions of sessions a sixth faster, but the first touch of
    // one zeroes 2 MiB: up to 4 ms on a virtual machine, under a shard's lock.
    (void)::madvise(begin, bytes, MADV_NOHUGEPAGE);
    return std::unique_ptr<arena>(new arena(static_cast<std::byte*>(begin), bytes));
}

arena::~arena() { ::munmap(begin_, size_); }

void* arena::take(std::size_t bytes) {
    const std::size_t at = taken_.fetch_add(bytes, std::memory_order_relaxed);
    ensure(bytes % 64 == 0 && at + bytes <= size_, "the reservation covers every shard's extents");
    return begin_ + at;
}

}  // namespace hawser::registry
