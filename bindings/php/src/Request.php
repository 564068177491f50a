<?php

declare(strict_types=1);

namespace OoWebhooks;

use OoWebhooks\Internal\Handle;
use OoWebhooks\Internal\Library;
use OoWebhooks\Internal\NotCopied;

/**
 * Records to execute in one HTTP exchange, for callers with an HTTP client of their own: sign it, send the body by
 * POST as application/json, and have the answer parsed.
 *
 * Call parseResponse only with a whole answer; without one the outcome is in doubt, if anything was sent.
 */
final class Request implements \Countable
{
    use NotCopied;

    private readonly Handle $handle;

    /** @throws ConfigError when FFI is not open to this program or the library is missing */
    public function __construct()
    {
        $this->handle = Library::instance()->requests()->newRequest();
    }

    /**
     * Adds a record; a request takes 500, each once. A record that is refused leaves the request as it was.
     *
     * @param Module|string $module a module, or its word
     * @param int<1, max>   $id     the record number
     *
     * @throws \ValueError for an unknown module, an id below 1, a record that is in the request already, and a
     *                     request that is full
     */
    public function add(Module|string $module, mixed $id): void
    {
        Library::instance()->requests()->add($this->handle, new Record($module, $id));
    }

    /** The number of records. */
    public function count(): int
    {
        return Library::instance()->requests()->count($this->handle);
    }

    /**
     * The signed JSON to send. onOffice accepts it within 120 s of the time it is signed for, so sign just before
     * sending, and anew for every try. It holds the token.
     *
     * @param int|null $unixSeconds the time to sign for; null: now
     *
     * @throws \ValueError     for a request without a record and a time before 1970
     * @throws \LogicException when the client is closed
     */
    public function sign(Client $client, ?int $unixSeconds = null): string
    {
        return Library::instance()->requests()->sign($this->handle, $client->handle(), $unixSeconds ?? time());
    }

    /**
     * Understands the answer to this request.
     *
     * @param int    $httpStatus 100 to 999
     * @param string $body       decompressed
     *
     * @return non-empty-list<Result> one a record, in the order in which they were added
     *
     * @throws \ValueError for a request without a record, and another HTTP status
     */
    public function parseResponse(int $httpStatus, string $body): array
    {
        return Library::instance()->requests()->parseResponse($this->handle, $httpStatus, $body);
    }
}
