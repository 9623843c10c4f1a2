<?php
// SPDX-License-Identifier: Apache-2.0
// A request that is to wait says so by a connection to its `gate`, and goes on at its first byte.
function gate(): void
{
    if (empty($_GET['gate'])) {
        return;
    }
    $waiting = fsockopen('127.0.0.1', (int) $_GET['gate']);
    fread($waiting, 1);
    fclose($waiting);
}
