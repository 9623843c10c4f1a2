// SPDX-License-Identifier: Apache-2.0
#include "proxy/waiting_room.h"

namespace hawser::proxy {

void waiting_room::ring() noexcept {
    if (&loop::current() == &worker_.turns()) return tell_called();
    worker_.post([this] { tell_called(); });
}

void waiting_room::have_all_look_again() {
    for (seat* each = first_; each != nullptr; each = each->next_) each->called();
}

seat::seat(waiting_room& in) : waiter(in), in_(in) {
    previous_ = in_.last_;
    (previous_ != nullptr ? previous_->next_ : in_.first_) = this;
    in_.last_ = this;
}

seat::~seat() {
    (previous_ != nullptr ? previous_->next_ : in_.first_) = next_;
    (next_ != nullptr ? next_->previous_ : in_.last_) = previous_;
}

leave_watch::leave_watch(io::stream* of, stop_source& left) : watched_(of), left_(left) {
    if (of != nullptr) stirred(*of);
}

leave_watch::~leave_watch() {
    if (watched_ != nullptr) watched_->watch(nullptr, no_deadline);
}

void leave_watch::stirred(io::stream& watched) {
    if (watched.has_ended()) return left_.stop();
    watched.watch(this, no_deadline);
}

}  // namespace hawser::proxy
