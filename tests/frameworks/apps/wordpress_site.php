<?php

// A WordPress site in this folder, with Debian's WordPress and a database of the test's own.

declare(strict_types=1);

error_reporting(E_ALL & ~E_DEPRECATED);
$settings = [
    'DB_NAME' => getenv('SITE_DATABASE'), 'DB_USER' => 'root', 'DB_PASSWORD' => '',
    'DB_HOST' => 'localhost:' . getenv('SITE_SOCKET'), 'DB_CHARSET' => 'utf8mb4', 'DB_COLLATE' => '',
    'WP_CONTENT_DIR' => getcwd() . '/wp-content', 'WP_CONTENT_URL' => 'http://localhost/wp-content',
    'WP_HOME' => 'http://localhost', 'WP_SITEURL' => 'http://localhost',
    'OO_WEBHOOKS_AUTOLOAD' => dirname(__DIR__, 3) . '/bindings/php/autoload.php',
    'ABSPATH' => '/usr/share/wordpress/', 'DISABLE_WP_CRON' => true, 'WP_HTTP_BLOCK_EXTERNAL' => true,
    'WP_DEBUG' => false, 'WP_AUTO_UPDATE_CORE' => false,
];
foreach ($settings as $name => $value) {
    define($name, $value);
}
$_SERVER['HTTP_HOST'] = 'localhost';
$_SERVER['REQUEST_URI'] = '/';
$table_prefix = 'wp_';
$site = new mysqli(null, 'root', '', getenv('SITE_DATABASE'), 0, getenv('SITE_SOCKET'));
$isNew = $site->query("SHOW TABLES LIKE 'wp_options'")->num_rows === 0;
$site->close();
if ($isNew) {
    define('WP_INSTALLING', true);
}
// The settings above stand in for wp-config.php, which Debian's looks for elsewhere.
require ABSPATH . 'wp-settings.php';
if ($isNew) {
    require ABSPATH . 'wp-admin/includes/upgrade.php';
    add_filter('pre_wp_mail', '__return_true');
    wp_install('shop', 'admin', 'admin@example.com', false, '', 'password');
}
