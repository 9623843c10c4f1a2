<?php
// SPDX-License-Identifier: Apache-2.0
// A cart in a session of PHP, whose files only one server has.
session_start();
header('Content-Type: text/plain');
if (isset($_GET['item'])) $_SESSION['items'] = ($_SESSION['items'] ?? '') . $_GET['item'];
if (isset($_GET['name'])) {
    $_SESSION['name'] = $_GET['name'];
    session_regenerate_id(true);
}
$told = 'items=' . ($_SESSION['items'] ?? '') . ' name=' . ($_SESSION['name'] ?? '') .
    ' id=' . session_id() . ' process=' . $_SERVER['SERVER_PORT'];
if (isset($_GET['logout'])) {
    session_destroy();
    setcookie(session_name(), '', 1, '/');
}
echo $told;
