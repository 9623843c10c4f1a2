# SPDX-License-Identifier: Apache-2.0
"""Every balancer that a plan can be played against."""

from subject_haproxy import HAProxy
from subject_hawser import Hawser
from subject_nginx import Nginx

OURS = Hawser.title
BY_NAME = {"hawser": Hawser, "haproxy": HAProxy, "nginx": Nginx}
