<?php

declare(strict_types=1);

namespace OoWebhooks;

/**
 * What happened to a record, in groups of ten that share an outcome.
 *
 * The numbers are those of oo_status in C and never change their meaning.
 */
enum Status: int
{
    /** onOffice executed the record's webhooks. */
    case Ok = 0;

    // The caller's mistake; nothing was sent.
    case InvalidArgument = 1;
    case InvalidModule = 2;
    case InvalidId = 3;
    case InvalidOption = 4;
    /** No token and secret are set. */
    case NotConfigured = 5;

    // Not sent.
    /** The host's name has no address or could not be looked up. */
    case DnsFailed = 10;
    case ConnectFailed = 11;
    /** No connection, TLS handshake included, within the connect timeout. */
    case ConnectTimeout = 12;
    case TlsFailed = 13;
    case ProxyFailed = 14;
    /** There is not enough memory for the call. */
    case OutOfMemory = 15;
    /** This process was forked while another thread made the first client: it never can call. */
    case ForkedTooEarly = 16;

    // In doubt.
    /** No whole answer within the timeout of the call. */
    case Timeout = 20;
    /** The connection broke before a whole answer had come. */
    case ConnectionLost = 21;
    /** An answer came that is not one of the API's, or contradicts itself or the request. */
    case BadResponse = 22;
    /** An HTTP error status without an answer of the API, as from a gateway. */
    case HttpError = 23;
    /** The API answered with an error that is not known to be decided before an execution. */
    case ServerError = 24;

    // Rejected by onOffice.
    /** Token, secret, signature or address are not accepted. */
    case NotAuthenticated = 30;
    /** The timestamp is more than 120 s from the server's clock. */
    case ClockSkew = 31;
    /** The API user may not do this. */
    case NotAllowed = 32;
    /** No such record, or no right to see it. */
    case UnknownRecord = 33;
    /** Another reason that is decided before an execution: see the error code and message. */
    case Rejected = 34;

    /** The outbox could not be read or written; nothing was sent. */
    case OutboxFailed = 40;

    /** A defect of the library; whether bytes were sent is not known. */
    case Internal = 90;

    /** The name as C and logs spell it: `connect_failed`. The property `name` is PHP's: `ConnectFailed`. */
    public function name(): string
    {
        return strtolower((string) preg_replace('/\B[A-Z]/', '_$0', $this->name));
    }

    /** What the caller may do next. */
    public function outcome(): Outcome
    {
        return match (true) {
            $this === self::Ok => Outcome::Executed,
            $this->value < 20, $this === self::OutboxFailed => Outcome::NotSent,
            $this->value >= 30 && $this->value < 40 => Outcome::Rejected,
            default => Outcome::InDoubt,
        };
    }
}
