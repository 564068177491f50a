<?php

declare(strict_types=1);

namespace OoWebhooks;

use OoWebhooks\Internal\Handle;
use OoWebhooks\Internal\Library;
use OoWebhooks\Internal\NotCopied;
use OoWebhooks\Internal\OutcomeLog;
use OoWebhooks\Internal\Records;
use OoWebhooks\Internal\ThrowsUnlessExecuted;
use Psr\Log\LoggerInterface;

/**
 * Executes webhooks with the credentials and settings of its options.
 *
 * Making one is cheap and opens nothing: make one for each PHP request and tenant. The connections belong to the
 * process, so those that one request of an FPM worker opened serve the next. Only connections are shared; a client's
 * credentials are its own. It goes on working in a forked child.
 */
final class Client implements ExecutesWebhooks
{
    use NotCopied;
    use ThrowsUnlessExecuted;

    private static bool $realCallsAreForbidden = false;

    private readonly Library $library;
    private readonly Handle $handle;
    private readonly ?OutcomeLog $log;

    /**
     * @param LoggerInterface|null $logger gets one line for each result: info when executed, warning when not sent,
     *                                     error when rejected or in doubt
     *
     * @throws ConfigError when a setting is refused, FFI is not open to this program, or the library is missing
     */
    public function __construct(Options $options, ?LoggerInterface $logger = null)
    {
        $this->library = Library::instance();
        $this->handle = $this->library->newClient($options);
        $this->log = $logger === null ? null : new OutcomeLog($logger);
    }

    /**
     * A client of {@see Options::fromEnvironment}.
     *
     * @throws ConfigError as that and the constructor do
     */
    public static function fromEnvironment(?LoggerInterface $logger = null): self
    {
        return new self(Options::fromEnvironment(), $logger);
    }

    /**
     * Opens a connection ahead, so that the next call pays no handshake: while the record is being saved, say.
     * Nothing of a request is sent.
     *
     * @param int<0, max> $timeoutMs the time for it; 0: the connect timeout, which it never exceeds
     *
     * @return Status Ok when a connection waits, and otherwise why not
     *
     * @throws \ValueError     for a time below 0
     * @throws \LogicException when the client is closed
     */
    public function connect(int $timeoutMs = 0): Status
    {
        if ($timeoutMs < 0) {
            throw new \ValueError('timeoutMs is 0, for the connect timeout, or more');
        }
        $this->checkThatCallsAreAllowed();
        return $this->library->connect($this->handle, $timeoutMs);
    }

    public function tryExecuteWebhooks(Module|string $module, mixed $id): Result
    {
        $module = Record::moduleOf($module, $id);
        if (self::$realCallsAreForbidden) {
            $this->checkThatCallsAreAllowed();
        }
        $result = $this->library->execute($this->handle, $module, $id);
        $this->log?->add([$result]);
        return $result;
    }

    public function tryExecuteAll(iterable $records): array
    {
        $records = Records::check($records);
        $this->checkThatCallsAreAllowed();
        $results = $this->library->requests()->executeAll($this->handle, $records);
        $this->log?->add($results);
        return $results;
    }

    public function close(): void
    {
        $this->handle->free();
    }

    /**
     * For tests: makes every call of a real client a \LogicException, which no handler for this package's errors
     * takes for an outcome. It holds for this PHP process until it is lifted.
     */
    public static function forbidRealCalls(bool $forbid = true): void
    {
        self::$realCallsAreForbidden = $forbid;
    }

    /**
     * Loads the library from this path instead of looking for it.
     *
     * @throws ConfigError     where FFI is open to this package only (ffi.enable=preload under PHP-FPM): there PHP's
     *                         ini files name it
     * @throws \LogicException when it is loaded already
     */
    public static function useLibrary(string $path): void
    {
        Library::useFile($path);
    }

    /** @internal for Request */
    public function handle(): Handle
    {
        return $this->handle;
    }

    /** @internal for Outbox, whose drain is a real call */
    public function handleForCalls(): Handle
    {
        $this->checkThatCallsAreAllowed();
        return $this->handle;
    }

    private function checkThatCallsAreAllowed(): void
    {
        $this->handle->check();
        if (self::$realCallsAreForbidden) {
            throw new \LogicException(
                'a real client was used although Client::forbidRealCalls() is in force: give the code a FakeClient'
            );
        }
    }
}
