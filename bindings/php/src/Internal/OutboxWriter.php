<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use OoWebhooks\OutboxError;
use OoWebhooks\Record;

/**
 * Saves records into an outbox with PHP's own means, where FFI is closed too: one empty file in tmp/ and one rename.
 *
 * docs/outbox-format.md is what it obeys.
 *
 * @internal
 */
final class OutboxWriter
{
    public function __construct(private readonly string $path)
    {
    }

    /** @throws OutboxError when the record is not saved; nothing is half-written */
    public function put(Record $record): void
    {
        error_clear_last();
        [$tmp, $new] = ["$this->path/tmp", "$this->path/new"];
        $this->checkFolders($record, $tmp, $new);
        $file = sprintf('%s/%d.%s', $tmp, getmypid(), bin2hex(random_bytes(8)));
        $handle = @fopen($file, 'x');
        if ($handle === false) {
            throw $this->error($record);
        }
        fclose($handle);
        if (!@rename($file, "$new/{$record->module->value}-$record->id")) {
            $error = $this->error($record);
            @unlink($file);
            throw $error;
        }
    }

    /** PHP's own words for these are wrong, or there are none: its rename follows links and copies to other disks. */
    private function checkFolders(Record $record, string $tmp, string $new): void
    {
        foreach ([$this->path, $tmp, $new] as $folder) {
            if (file_exists($folder) && (!is_dir($folder) || ($folder !== $this->path && is_link($folder)))) {
                throw $this->error($record, "not a directory: put a folder in the place of $folder");
            }
        }
        [$one, $other] = [@lstat($tmp), @lstat($new)];
        if ($one !== false && $other !== false && $one['dev'] !== $other['dev']) {
            throw $this->error($record, 'tmp/ and new/ are on different filesystems: keep the outbox on one');
        }
    }

    private function error(Record $record, ?string $why = null): OutboxError
    {
        // What PHP says ends with the system's words.
        $said = explode(': ', error_get_last()['message'] ?? 'the system does not say why');
        $why ??= lcfirst(end($said)) . ': see that the outbox has the folders tmp/ and new/, that this user may'
            . ' write to them, and that there is space';
        $path = json_encode($this->path, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
        return new OutboxError("cannot save {$record->module->value} $record->id in the outbox $path: $why");
    }
}
