<?php
// SPDX-License-Identifier: Apache-2.0
// Counts in a session, by PHP's own handler: `count.php ID`, or `count.php ID end`.
session_id($argv[1]);
if (!session_start()) exit(1);
if (($argv[2] ?? '') === 'end') {
    session_destroy();
    echo "ended";
    exit;
}
$_SESSION['count'] = ($_SESSION['count'] ?? 0) + 1;
$count = $_SESSION['count'];
if (!session_write_close()) exit(1);
echo $count;
