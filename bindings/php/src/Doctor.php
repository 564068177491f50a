<?php

declare(strict_types=1);

namespace OoWebhooks;

use OoWebhooks\Internal\FfiCheck;
use OoWebhooks\Internal\FolderCheck;
use OoWebhooks\Internal\LibraryCheck;
use OoWebhooks\Internal\SettingsCheck;
use OoWebhooks\Internal\TableCheck;

/**
 * Looks at everything that can be wrong inside the app, and says what cures it: `oo-webhooks doctor` looks from
 * outside, where FPM's settings and the app's user are not seen. It works where FFI is closed, too.
 *
 *     header('Content-Type: text/plain; charset=utf-8');
 *     echo (new OoWebhooks\Doctor(outbox: '/var/spool/shop'))->examine();
 *
 * It asks the API's server for a page without credentials, and executes nothing. Tokens, secrets and passwords are
 * not shown, but paths, addresses and versions are: let only yourself see the page.
 */
final class Doctor
{
    /**
     * @param Options|null      $options    those of the app; null: from the environment
     * @param string|null       $outbox     the folder of the app's outbox
     * @param \PDO|\mysqli|null $connection the app's connection to the database of its outbox, in no transaction;
     *                                      nothing is written
     */
    public function __construct(
        private readonly ?Options $options = null,
        private readonly ?string $outbox = null,
        private readonly \PDO|\mysqli|null $connection = null,
    ) {
    }

    /** Throws nothing: what fails is a finding. */
    public function examine(): DoctorReport
    {
        $savesOnly = $this->outbox !== null || $this->connection !== null;
        $library = new LibraryCheck($savesOnly);
        $findings = [
            ...(new SettingsCheck($this->options, $library))->findings(),
            ...$library->findings(),
            ...FfiCheck::findings($library->isLoaded()),
        ];
        if (!$savesOnly) {
            $findings[] = new Finding('outbox', Grade::Unknown, 'none was named', 'name its folder, or give a connection');
        }
        if ($this->outbox !== null) {
            array_push($findings, ...FolderCheck::findings($this->outbox));
        }
        if ($this->connection !== null) {
            array_push($findings, ...TableCheck::findings($this->connection));
        }
        return new DoctorReport($findings);
    }
}
