<?php

// The plugin of docs/wordpress.md, on Debian's WordPress.

declare(strict_types=1);

require __DIR__ . '/saver.php';
require __DIR__ . '/wordpress_site.php';
require getcwd() . '/save.php';

// Not $post: that is one of WordPress's own.
$customer = static function (int $id): int {
    $post = wp_insert_post(['post_title' => "customer $id", 'post_status' => 'publish']);
    add_post_meta($post, 'onoffice_id', $id, true);
    return $post;
};
obey([
    'save' => static fn (int $id) => shop_move_customer($customer($id), bin2hex(random_bytes(4))),
    'rollback' => static function (int $id) use ($customer): void {
        $there = $customer($id);
        $late = static fn () => throw new RolledBack();
        add_action('oo_webhooks_saved', $late, 20);
        rolledBack(static fn () => shop_move_customer($there, 'Bonn'));
        remove_action('oo_webhooks_saved', $late, 20);
    },
]);
