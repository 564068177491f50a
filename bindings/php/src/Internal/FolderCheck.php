<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use OoWebhooks\Finding;
use OoWebhooks\Grade;

/**
 * An outbox in a folder, as this user sees it. Nothing in it is made or changed.
 *
 * The words are those of `oo-webhooks doctor`.
 *
 * @internal
 */
final class FolderCheck
{
    /** The folders of an outbox: docs/outbox-format.md. */
    private const FOLDERS = ['tmp', 'new', 'retry', 'sending', 'doubt', 'failed', 'corrupt', 'lock'];

    private const OF_A_NETWORK = '/^(nfs|cifs|smb|ceph|fuse|9p|afs)/';

    private const LEAST_SPACE = 100 << 20;

    /** @return list<Finding> */
    public static function findings(string $path): array
    {
        clearstatcache();
        error_clear_last();
        if (!@is_dir($path)) {
            $closed = dirname($path);
            return [match (true) {
                @file_exists($path) => new Finding('outbox', Grade::Bad, "$path is not a folder", 'name a folder'),
                error_get_last() !== null => new Finding('outbox', Grade::Bad, error_get_last()['message'], "add $path to open_basedir"),
                @is_dir($closed) && !@is_executable($closed) => new Finding(
                    'outbox',
                    Grade::Bad,
                    "this user may not look into $closed",
                    "chmod o+x $closed, or take another folder"
                ),
                default => new Finding('outbox', Grade::Bad, "$path: no such file or directory", "mkdir $path"),
            }];
        }
        return [
            new Finding('outbox', Grade::Good, $path),
            self::rights($path),
            self::version($path),
            self::oneFileSystem($path),
            ...self::disk($path),
            ...self::space($path),
        ];
    }

    private static function rights(string $path): Finding
    {
        $stat = (array) @stat($path);
        $user = function_exists('posix_geteuid') ? (string) posix_geteuid() : get_current_user();
        $found = sprintf('owner %d, mode %04o; this is user %s', $stat['uid'], $stat['mode'] & 07777, $user);
        foreach (['', '/tmp', '/new'] as $folder) {
            $folder = $path . $folder;
            if (is_dir($folder) && !(is_readable($folder) && is_writable($folder) && is_executable($folder))) {
                $found .= $folder === $path ? '' : ", who may not write to $folder";
                $cure = 'give the users of the app and of the worker a group, and run chgrp and chmod 2770 on the folder';
                return new Finding('outbox rights', Grade::Bad, $found, $cure);
            }
        }
        if (($stat['mode'] & 0002) !== 0) {
            $cure = "chmod o-w $path: everybody may write to it";
            return new Finding('outbox rights', Grade::Bad, $found, $cure);
        }
        $foreign = array_filter(self::FOLDERS, static function (string $folder) use ($path, $stat): bool {
            $its = @stat("$path/$folder");
            return $its !== false && [$its['uid'], $its['gid']] !== [$stat['uid'], $stat['gid']];
        });
        return $foreign === []
            ? new Finding('outbox rights', Grade::Good, $found)
            : new Finding(
                'outbox rights',
                Grade::Warning,
                "$found; " . implode(', ', $foreign) . ' belong to others',
                "chown -R --reference=$path $path"
            );
    }

    private static function version(string $path): Finding
    {
        $name = 'outbox format';
        // PHP's own writer makes no folders: it could not give them the owner that they need.
        if (!is_dir("$path/tmp") || !is_dir("$path/new")) {
            return new Finding($name, Grade::Bad, 'it has no tmp/ and new/: saves fail', "oo-webhooks status --outbox $path\nmakes them");
        }
        if (@lstat("$path/version") === false) {
            return new Finding($name, Grade::Good, 'empty: the first save makes what it needs');
        }
        // What stands there may be a pipe, for whose other end nobody waits, and of any size.
        $isFile = is_file("$path/version") && !is_link("$path/version");
        $version = $isFile ? @file_get_contents("$path/version", length: 64) : false;
        return match (true) {
            $version === false => new Finding(
                $name,
                Grade::Bad,
                $isFile ? 'version is not readable' : 'version is no file',
                'put back the file version, with 1 in it, or take another folder'
            ),
            trim($version) === '1' => new Finding($name, Grade::Good, 'version 1'),
            default => new Finding(
                $name,
                Grade::Bad,
                'version ' . json_encode(substr(trim($version), 0, 20), JSON_INVALID_UTF8_SUBSTITUTE),
                'update this program, or take another folder'
            ),
        };
    }

    /** A save is a rename, which cannot lead to another file system. */
    private static function oneFileSystem(string $path): Finding
    {
        $device = (@stat($path) ?: [])['dev'] ?? null;
        $elsewhere = array_filter(self::FOLDERS, static function (string $folder) use ($path, $device): bool {
            $its = @lstat("$path/$folder");
            return $its !== false && ($its['dev'] !== $device || ($its['mode'] & 0170000) !== 0040000);
        });
        return $elsewhere === []
            ? new Finding('outbox files', Grade::Good, 'all on one file system')
            : new Finding(
                'outbox files',
                Grade::Bad,
                implode(', ', $elsewhere) . ' is a link or on another file system',
                'move the whole outbox there, not a part of it'
            );
    }

    /** @return list<Finding> none where the mounts are not to be seen */
    private static function disk(string $path): array
    {
        [$longest, $kind] = ['', null];
        $real = realpath($path) . '/';
        foreach (@file('/proc/self/mounts', FILE_IGNORE_NEW_LINES) ?: [] as $line) {
            [, $folder, $its] = explode(' ', $line) + ['', '', ''];
            $folder = rtrim(stripcslashes($folder), '/') . '/';
            if (str_starts_with($real, $folder) && strlen($folder) >= strlen($longest)) {
                [$longest, $kind] = [$folder, $its];
            }
        }
        return match (true) {
            $kind === null => [],
            preg_match(self::OF_A_NETWORK, $kind) === 1 => [new Finding(
                'outbox disk',
                Grade::Warning,
                'a file system over a network',
                'keep the outbox on a disk of this machine: locks and renames are only sure there; or use a database'
            )],
            default => [new Finding('outbox disk', Grade::Good, 'a file system of this machine')],
        };
    }

    /** @return list<Finding> none where it is not to be seen */
    private static function space(string $path): array
    {
        $bytes = @disk_free_space($path);
        if ($bytes === false) {
            return [];
        }
        $found = (int) ($bytes / (1 << 20)) . ' MB are free';
        return [$bytes < self::LEAST_SPACE
            ? new Finding('outbox space', Grade::Warning, $found, 'make room: a save that finds none is refused')
            : new Finding('outbox space', Grade::Good, $found)];
    }
}
