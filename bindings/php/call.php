<?php

// Generated from src/ by make generate (tools/generate_call.py): change it there.

declare(strict_types=1);

namespace OoWebhooks {

/** What {@see Client} and {@see FakeClient} have in common: the type for code that executes webhooks. */
interface ExecutesWebhooks
{
    /**
     * Executes all active marketplace webhooks of a record that was just saved, and waits for the answer.
     *
     * @param Module|string $module a module, or its word: "estate", "address", "task" or "calendar"
     * @param int<1, max>   $id     the record number; anything but an int is a \TypeError, nothing is coerced
     *
     * @return Result that is executed
     *
     * @throws RejectedError   fix the cause, a repeat is pointless
     * @throws NotSentError    retry freely
     * @throws InDoubtError    decide: a repeat may execute the webhooks twice
     * @throws \ValueError     for an unknown module and an id below 1
     * @throws \LogicException when the client is closed
     */
    public function executeWebhooks(Module|string $module, mixed $id): Result;

    /**
     * Executes the webhooks of 1 to 500 different records in one exchange.
     *
     * @param iterable<Record> $records
     *
     * @return non-empty-list<Result> one a record, in their order, all of them executed
     *
     * @throws WebhooksError   by the result that most needs attention, when one of them is not executed; it has
     *                         all results
     * @throws \ValueError     for no record, more than 500, and one that is given twice
     * @throws \LogicException when the client is closed
     */
    public function executeAll(iterable $records): array;

    /**
     * As executeWebhooks, but every outcome is reported by the result.
     *
     * @param Module|string $module as for executeWebhooks
     * @param int<1, max>   $id     as for executeWebhooks
     *
     * @throws \ValueError     for an unknown module and an id below 1
     * @throws \LogicException when the client is closed
     */
    public function tryExecuteWebhooks(Module|string $module, mixed $id): Result;

    /**
     * As executeAll, but every outcome is reported by the results.
     *
     * @param iterable<Record> $records
     *
     * @return non-empty-list<Result> one a record, in their order
     *
     * @throws \ValueError     for no record, more than 500, and one that is given twice
     * @throws \LogicException when the client is closed
     */
    public function tryExecuteAll(iterable $records): array;

    /** Lets go of the credentials; what comes after is a \LogicException. Closing twice does nothing. */
    public function close(): void;
}
}

namespace OoWebhooks\Internal {

/**
 * Of what belongs to this process, or must not end up in a queue or session: it is neither cloned nor serialised.
 *
 * @internal
 */
trait NotCopied
{
    private function __clone()
    {
    }

    /** @return never */
    public function __serialize(): array
    {
        throw new \LogicException(self::class . ' cannot be serialised: make it anew where it is used');
    }

    /** @param array<mixed> $data */
    public function __unserialize(array $data): void
    {
        throw new \LogicException(self::class . ' cannot be unserialised: make it anew where it is used');
    }
}
}

namespace OoWebhooks\Internal {

use OoWebhooks\Module;
use OoWebhooks\Outcome;
use OoWebhooks\Result;
use OoWebhooks\WebhooksError;

/**
 * The two methods that throw, by way of those that report.
 *
 * @internal
 */
trait ThrowsUnlessExecuted
{
    public function executeWebhooks(Module|string $module, mixed $id): Result
    {
        $result = $this->tryExecuteWebhooks($module, $id);
        return $result->outcome === Outcome::Executed ? $result : throw WebhooksError::about([$result]);
    }

    public function executeAll(iterable $records): array
    {
        $results = $this->tryExecuteAll($records);
        foreach ($results as $result) {
            if ($result->outcome !== Outcome::Executed) {
                throw WebhooksError::about($results);
            }
        }
        return $results;
    }
}
}

namespace OoWebhooks {

/** What kind of record it is; the values are the API's own words. */
enum Module: string
{
    case Estate = 'estate';
    case Address = 'address';
    case Task = 'task';
    case Calendar = 'calendar';
}
}

namespace OoWebhooks {

/** What the caller may do next. */
enum Outcome: string
{
    /** onOffice answered success: go on. */
    case Executed = 'executed';

    /** onOffice answered that it did not do it: fix the cause, a repeat is pointless. */
    case Rejected = 'rejected';

    /** No byte of the request can have reached onOffice: retry freely. */
    case NotSent = 'not_sent';

    /** It may or may not have been executed: a repeat may execute the webhooks twice. */
    case InDoubt = 'in_doubt';
}
}

namespace OoWebhooks {

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
}

namespace OoWebhooks {

/** A record of onOffice enterprise: a module and a positive id. */
final class Record
{
    public readonly Module $module;

    /** @var int<1, max> */
    public readonly int $id;

    /**
     * @param Module|string $module a module, or its word: "estate", "address", "task" or "calendar"
     * @param int<1, max>   $id     the record number. Declared as mixed, because a file without strict_types
     *                              would otherwise have 1.9 and true become 1, which is another record
     *
     * @throws \ValueError for an unknown module and an id below 1
     * @throws \TypeError  for an id that is no int
     */
    public function __construct(Module|string $module, mixed $id)
    {
        $this->module = self::moduleOf($module, $id);
        $this->id = $id;
    }

    /**
     * @internal The module of a record that may be; what the constructor throws for another one.
     *
     * @throws \ValueError
     * @throws \TypeError
     */
    public static function moduleOf(Module|string $module, mixed $id): Module
    {
        if (!\is_int($id)) {
            throw new \TypeError(\sprintf('the record id must be an int, %s given', \get_debug_type($id)));
        }
        if ($id < 1) {
            throw new \ValueError("the record id $id is 0 or negative: give the record number, 1 or more");
        }
        return $module instanceof Module ? $module : Module::tryFrom($module) ?? throw new \ValueError(
            \sprintf('the module %s is unknown: use "estate", "address", "task" or "calendar"', self::quoted($module))
        );
    }

    /** Whatever was given, as one short line of UTF-8. */
    private static function quoted(string $text): string
    {
        return (string) json_encode(substr($text, 0, 40), JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_UNICODE);
    }
}
}

namespace OoWebhooks {

/** What is known about one record after a call. */
final class Result
{
    /**
     * @param int         $httpStatus of the answer; 0 when none came
     * @param int         $errorCode  onOffice's; 0 when it gave none
     * @param string      $message    one line for a log: the record, what happened, the cause and the cure. Never a
     *                                token or a secret
     * @param string|null $body       the answer as received, for all records of its request; null when no whole
     *                                answer came. It is whatever a server sent: treat it so
     */
    public function __construct(
        public readonly Status $status,
        public readonly Outcome $outcome,
        public readonly Module $module,
        public readonly int $id,
        public readonly int $httpStatus,
        public readonly int $errorCode,
        public readonly string $message,
        public readonly ?string $body,
    ) {
    }

    /** Whether onOffice said that it executed the record's webhooks. */
    public function isExecuted(): bool
    {
        return $this->outcome === Outcome::Executed;
    }

    /**
     * The result that most needs attention: in doubt before rejected, rejected before not sent, not sent before
     * executed; within an outcome the first. As oo_status_worst has it, which {@see FakeClient} must do without: it
     * needs no library.
     *
     * @param non-empty-list<self> $results
     */
    public static function worst(array $results): self
    {
        $urgency = static fn (self $result): int => match ($result->outcome) {
            Outcome::Executed => 0,
            Outcome::NotSent => 1,
            Outcome::Rejected => 2,
            Outcome::InDoubt => 3,
        };
        $worst = $results[0];
        foreach ($results as $result) {
            if ($urgency($result) > $urgency($worst)) {
                $worst = $result;
            }
        }
        return $worst;
    }
}
}

namespace OoWebhooks {

use OoWebhooks\Internal\Environment;
use OoWebhooks\Internal\NotCopied;
use OoWebhooks\Internal\Text;

/**
 * What a client is made of: credentials and settings.
 *
 * Ranges and files are checked when a client is made of it. Token and secret are shown by no dump, and
 * options are not serialised, so that they do not end up in a queue: make them where they are used.
 */
final class Options
{
    use NotCopied;

    private readonly \SensitiveParameterValue $token;
    private readonly \SensitiveParameterValue $secret;
    private readonly \SensitiveParameterValue $proxy;

    /**
     * @param string      $token            of the API user; 32 characters in real life
     * @param string      $secret           of the API user; 64 characters in real life
     * @param string|null $url              of the API, https:// or, for loopback hosts, http://; null:
     *                                      https://api.onoffice.de/api/stable/api.php
     * @param string|null $caFile           PEM file of certificate authorities to trust instead of the bundled ones
     * @param string|null $proxy            http://host:port or http://user:password@host:port; null: none, whatever
     *                                      HTTPS_PROXY says
     * @param int|null    $connectTimeoutMs for TCP connection and TLS handshake together, 1 to 86400000 ms; null: 5000
     * @param int|null    $timeoutMs        for a whole call, 1 to 86400000 ms; null: 30000
     *
     * @throws \ValueError for text that holds a NUL or is not UTF-8
     */
    public function __construct(
        #[\SensitiveParameter] string $token,
        #[\SensitiveParameter] string $secret,
        public readonly ?string $url = null,
        public readonly ?string $caFile = null,
        #[\SensitiveParameter] ?string $proxy = null,
        public readonly ?int $connectTimeoutMs = null,
        public readonly ?int $timeoutMs = null,
    ) {
        Text::checkAll([
            'token' => $token,
            'secret' => $secret,
            'url' => $url,
            'caFile' => $caFile,
            'proxy' => $proxy,
        ]);
        $this->token = new \SensitiveParameterValue($token);
        $this->secret = new \SensitiveParameterValue($secret);
        $this->proxy = new \SensitiveParameterValue($proxy);
    }

    /**
     * From ON_OFFICE_TOKEN, ON_OFFICE_SECRET, ON_OFFICE_URL, ON_OFFICE_CA_FILE, ON_OFFICE_PROXY and
     * ON_OFFICE_TIMEOUT_MS, where one that is empty counts as not set.
     *
     * Each is looked for in $_SERVER, $_ENV and getenv(), in this order: there PHP keeps what a .env file, the
     * FPM pool and the web server set. PHP-FPM hides the environment of its own process unless clear_env=no.
     *
     * @throws ConfigError for credentials that are missing and a timeout that is no number
     */
    public static function fromEnvironment(): self
    {
        return Environment::options();
    }

    public function token(): string
    {
        return $this->token->getValue();
    }

    public function secret(): string
    {
        return $this->secret->getValue();
    }

    public function proxy(): ?string
    {
        return $this->proxy->getValue();
    }
}
}

namespace OoWebhooks\Internal {

/**
 * Text on its way to C, which would end it at the first NUL without a word.
 *
 * @internal
 */
final class Text
{
    /**
     * @param array<string, string|null> $texts by their names
     *
     * @throws \ValueError as check does
     */
    public static function checkAll(#[\SensitiveParameter] array $texts): void
    {
        // Looked at together, since they are most often as they should be.
        $all = implode("\n", $texts);
        if (str_contains($all, "\0") || preg_match('//u', $all) !== 1) {
            foreach ($texts as $name => $text) {
                self::check($name, $text);
            }
        }
    }

    /** @throws \ValueError that names the text but does not show it: it may be a secret */
    public static function check(string $name, #[\SensitiveParameter] ?string $text): void
    {
        if ($text === null) {
            return;
        }
        if (str_contains($text, "\0")) {
            throw new \ValueError("$name holds a NUL");
        }
        if (preg_match('//u', $text) !== 1) {
            throw new \ValueError("$name is not UTF-8");
        }
    }
}
}

namespace OoWebhooks\Internal {

use OoWebhooks\ConfigError;
use OoWebhooks\Options;
use OoWebhooks\Status;

/**
 * The environment as PHP programs see it: $_SERVER, $_ENV, getenv(). The C library would read that of the
 * process, which is another one: FPM clears it, and .env files and the FPM pool never reach it.
 *
 * @internal
 */
final class Environment
{
    /** The variable's value; null when it is not set or empty. */
    public static function get(string $name): ?string
    {
        $value = $_SERVER[$name] ?? $_ENV[$name] ?? getenv($name);
        return is_string($value) && $value !== '' ? $value : null;
    }

    public static function options(): Options
    {
        [$token, $secret] = [self::get('ON_OFFICE_TOKEN'), self::get('ON_OFFICE_SECRET')];
        if ($token === null || $secret === null) {
            throw new ConfigError(self::whatIsMissing($token, $secret), Status::NotConfigured->value);
        }
        return self::optionsWith($token, $secret);
    }

    /** Credentials that are not the environment's, with its other settings. */
    public static function optionsWith(
        #[\SensitiveParameter] string $token,
        #[\SensitiveParameter] string $secret,
    ): Options {
        try {
            return new Options(
                token: $token,
                secret: $secret,
                url: self::get('ON_OFFICE_URL'),
                caFile: self::get('ON_OFFICE_CA_FILE'),
                proxy: self::get('ON_OFFICE_PROXY'),
                timeoutMs: self::milliseconds('ON_OFFICE_TIMEOUT_MS'),
            );
        } catch (\ValueError $error) {
            throw new ConfigError("an ON_OFFICE_ variable is refused: {$error->getMessage()}", Status::InvalidOption->value);
        }
    }

    private static function milliseconds(string $name): ?int
    {
        $value = self::get($name);
        if ($value === null) {
            return null;
        }
        $milliseconds = filter_var($value, FILTER_VALIDATE_INT);
        if ($milliseconds === false) {
            $shown = json_encode(substr($value, 0, 40), JSON_INVALID_UTF8_SUBSTITUTE);
            throw new ConfigError("$name: $shown is not a number: give milliseconds", Status::InvalidOption->value);
        }
        return $milliseconds;
    }

    private static function whatIsMissing(
        #[\SensitiveParameter] ?string $token,
        #[\SensitiveParameter] ?string $secret,
    ): string {
        return match (true) {
            $token !== null => 'ON_OFFICE_TOKEN is set but ON_OFFICE_SECRET is not: set both',
            $secret !== null => 'ON_OFFICE_SECRET is set but ON_OFFICE_TOKEN is not: set both',
            default => 'no credentials: set token and secret, or ON_OFFICE_TOKEN and ON_OFFICE_SECRET'
                . (PHP_SAPI === 'fpm-fcgi' ? ' (in the FPM pool by env[ON_OFFICE_TOKEN] = …, or by clear_env = no)' : ''),
        };
    }
}
}

namespace OoWebhooks\Internal {

use OoWebhooks\ConfigError;

/**
 * Where the library most likely is. {@see Loader} looks closer when it is not there.
 *
 * Where FFI is open to this package and closed to the other code of the program, what the library's path comes from
 * is fixed when PHP starts: its ini files and the system's loader. Other code must not choose what is loaded.
 *
 * @internal
 */
final class LibraryPath
{
    public const ABI = 1;

    /** What the system's loader knows it by: the number is that of the ABI. */
    public const NAME = 'liboo_webhooks.so.1';

    public const VARIABLE = 'OO_WEBHOOKS_LIBRARY';

    /** Of PHP's ini files only: it is no setting of an extension, so neither ini_set nor the FPM pool can change it. */
    public const SETTING = 'oo_webhooks.library';

    /**
     * The library's path, or its name for the system's loader; null when ffi.preload has opened it. Whoever opens it
     * sees whether it is this package's.
     *
     * @param string|null $wanted by the program
     *
     * @throws ConfigError
     */
    public static function likely(?string $wanted): ?string
    {
        self::checkThatFfiIsThere();
        $named = self::named($wanted);
        if ($named !== null || self::isPreloaded()) {
            return $named;
        }
        $own = self::inPackage(self::isMusl());
        // No is_file: any code can put a `file:` of its own in the place of PHP's.
        return \realpath($own) === false ? self::NAME : $own;
    }

    /** `lib/linux-x86_64/` of this package, for those who ship the library with their program. */
    public static function inPackage(bool $isMusl): string
    {
        $platform = \strtolower(\PHP_OS_FAMILY) . '-' . \php_uname('m') . ($isMusl ? '-musl' : '');
        return \dirname(__DIR__ . '/src/Internal', 2) . "/lib/$platform/" . self::NAME;
    }

    /** Whether FFI is closed to code that is not preloaded: this package is, or it would be closed to it as well. */
    public static function isClosedToOthers(): bool
    {
        return \PHP_SAPI !== 'cli' && !\filter_var(\ini_get('ffi.enable'), \FILTER_VALIDATE_BOOL);
    }

    public static function whereThePathIsFixed(): string
    {
        return 'FFI is open to this package only (ffi.enable=preload), so scripts do not choose its library; put '
            . self::SETTING . ' = /path/to/' . self::NAME . ' into ' . self::iniFile() . ' and restart PHP';
    }

    /**
     * What the program, its environment or an ini file names, as far as they may; null: nothing.
     *
     * @param string|null $wanted by the program
     *
     * @throws ConfigError
     */
    public static function named(?string $wanted): ?string
    {
        $named = $wanted ?? Environment::get(self::VARIABLE);
        $fixed = \get_cfg_var(self::SETTING);
        $fixed = \is_string($fixed) && $fixed !== '' ? $fixed : null;
        if ($named === null || !self::isClosedToOthers()) {
            return $named ?? $fixed;
        }
        if ($fixed === null) {
            throw new ConfigError(self::VARIABLE . ' is not used: ' . self::whereThePathIsFixed());
        }
        return $fixed;
    }

    public static function checkThatFfiIsThere(): void
    {
        if (!\extension_loaded('ffi')) {
            throw new ConfigError(
                'the PHP extension FFI is not loaded: put extension=ffi and ffi.enable=true into ' . self::iniFile()
            );
        }
    }

    public static function iniFile(): string
    {
        return \php_ini_loaded_file() ?: 'php.ini';
    }

    /** Whether ffi.preload opened the library when PHP started. */
    public static function isPreloaded(): bool
    {
        if ((string) \ini_get('ffi.preload') === '') {
            return false;
        }
        try {
            $abi = \FFI::scope('oo_webhooks')->oo_abi_version();
        } catch (\FFI\Exception) {
            return false;
        }
        self::checkAbi($abi, 'the library of ffi.preload');
        return true;
    }

    public static function checkAbi(int $abi, string $name): void
    {
        if ($abi !== self::ABI) {
            throw new ConfigError(\sprintf(
                '%s has the ABI version %d, this package needs %d: install the library and the package of one release',
                $name,
                $abi,
                self::ABI
            ));
        }
    }

    /** glibc has a function that says so. */
    public static function isMusl(): bool
    {
        try {
            \FFI::cdef('const char *gnu_get_libc_version(void);');
            return false;
        } catch (\FFI\Exception) {
            return true;
        }
    }
}
}

namespace OoWebhooks\Internal {

/**
 * Stands for something the library made, which {@see Library} keeps for as long as this object is there: it is freed
 * once, by free() or with this object, and a use after that is an exception. The pointer itself stays in Library.
 *
 * @internal
 */
final class Handle
{
    use NotCopied;

    public function __construct(
        private readonly Library $library,
        public readonly string $what,
    ) {
    }

    public function __destruct()
    {
        $this->free();
    }

    /** @throws \LogicException when it is freed */
    public function check(): void
    {
        $this->library->check($this);
    }

    public function free(): void
    {
        $library = $this->library ?? null;
        $library?->free($this);
    }
}
}

namespace OoWebhooks\Internal {

use FFI\CData;
use OoWebhooks\ConfigError;
use OoWebhooks\InDoubtError;
use OoWebhooks\Module;
use OoWebhooks\Options;
use OoWebhooks\Outcome;
use OoWebhooks\Record;
use OoWebhooks\Result;
use OoWebhooks\Status;

/**
 * liboo_webhooks, which {@see LibraryPath} finds. Only this class calls it, with {@see RequestLibrary} and
 * {@see OutboxLibrary}, which are made here: FFI turns "abc" into 0 and 2^31 into -2^31 without a word, so nothing gets
 * here that was not checked. The functions and their contracts are in oo_webhooks.h.
 *
 * These classes, LibraryPath and Loader are the border between the package and the other code of a program to which FFI
 * is closed. No public method gives an FFI object or a pointer, in what it throws either, whose trace may have the
 * arguments of each function, or takes the path of what to load. Each type that FFI makes is named there, and functions
 * of PHP are called by their whole names, as others may define one of the same name in this namespace.
 *
 * The library's default client is never used: it belongs to the process, which serves other tenants next.
 *
 * @internal
 */
final class Library
{
    use NotCopied;

    private const HEADER = __DIR__ . '/src/Internal' . '/../../include/oo_webhooks.ffi.h';

    /**
     * What the call for one record needs of the header, with handles as `void *` and enums as numbers: PHP parses it
     * in each request that makes a client, and the whole header takes ten times as long. Where ffi.preload has parsed
     * that, it is used.
     */
    private const CALL = <<<'C'
        typedef struct {
            int64_t id;
            const char *module;
            const char *message;
            size_t message_length;
            const char *body;
            size_t body_length;
            int32_t status, outcome, http_status, error_code;
        } oo_result_fields;
        uint32_t oo_abi_version(void);
        int32_t oo_client_new_with(const char *token, const char *secret, const char *url, const char *ca_file,
            const char *proxy, int64_t connect_timeout_ms, int64_t timeout_ms, void **out_client);
        int32_t oo_client_execute_and_read(void *client, const char *module, int64_t id, void **out_result,
            size_t size, oo_result_fields *out_fields);
        void oo_client_free(void *client);
        void oo_result_free(void *result);
        C;

    /** Nor is the rest parsed for a connection that is opened ahead. */
    private const CONNECT = 'int32_t oo_client_connect(void *client, int64_t timeout_ms);';

    /** What tells why a client is refused. */
    private const OPTIONS = <<<'C'
        const char *oo_status_message(int32_t status);
        int32_t oo_options_new(void **out_options);
        int32_t oo_options_set_credentials(void *options, const char *token, const char *secret);
        int32_t oo_options_set_url(void *options, const char *url);
        int32_t oo_options_set_ca_file(void *options, const char *path);
        int32_t oo_options_set_proxy(void *options, const char *url);
        int32_t oo_options_set_connect_timeout_ms(void *options, int64_t milliseconds);
        int32_t oo_options_set_timeout_ms(void *options, int64_t milliseconds);
        const char *oo_options_message(void *options);
        void oo_options_free(void *options);
        C;

    /**
     * What {@see RequestLibrary} needs. What is packed goes as `const char *`: FFI takes no string for an `int64_t *`.
     * The body is an address here, which tells whether results share one, and may hold a NUL, where FFI ends a
     * `const char *`.
     */
    private const REQUESTS = <<<'C'
        typedef struct {
            int64_t id;
            const char *module;
            const char *message;
            size_t message_length;
            const void *body;
            size_t body_length;
            int32_t status, outcome, http_status, error_code;
        } oo_result_fields;
        const char *oo_status_message(int32_t status);
        int32_t oo_client_execute_request(void *client, void *request, void **out_results);
        int32_t oo_request_new(void **out_request);
        int32_t oo_request_add(void *request, const char *module, int64_t id);
        int32_t oo_request_add_all(void *request, const char *module, const char *ids, size_t count);
        size_t oo_request_count(void *request);
        const char *oo_request_message(void *request);
        int32_t oo_request_sign(void *request, void *client, int64_t unix_seconds);
        const char *oo_request_body(void *request, size_t *out_length);
        int32_t oo_request_parse_response(void *request, int32_t http_status, const char *body, size_t length,
            void **out_results);
        void oo_request_free(void *request);
        size_t oo_results_count(void *results);
        void *oo_results_get(void *results, size_t index);
        const char *oo_results_messages(void *results, size_t *out_length);
        void oo_results_free(void *results);
        int32_t oo_result_read(void *result, size_t size, oo_result_fields *out_fields);
        C;

    private static ?self $instance = null;
    private static ?string $file = null;

    private readonly \FFI $ffi;

    /**
     * What a call writes to: where the handle is put, the fields, a view of them to read, and their size. It is made
     * once, and anew where a call comes while it is taken, out of a signal's handler.
     *
     * @var array{CData, CData, CData, int}|null
     */
    private ?array $memory = null;

    /** The other functions, once something needs them. */
    private ?\FFI $connect = null;
    private ?\FFI $ofRequests = null;
    private ?\FFI $all = null;
    private ?RequestLibrary $requests = null;
    private ?OutboxLibrary $outbox = null;

    /** @var \WeakMap<Handle, CData> what stands behind each handle that is not freed */
    private readonly \WeakMap $pointers;

    private function __construct(\FFI $ffi, private readonly ?string $path)
    {
        $this->ffi = $ffi;
        $this->pointers = new \WeakMap();
    }

    /** @throws ConfigError when FFI is not open to this program, or the library is missing or of another ABI */
    public static function instance(): self
    {
        return self::$instance ??= self::open();
    }

    /** @throws ConfigError where the library's path is fixed when PHP starts */
    public static function useFile(string $file): void
    {
        Text::check('the path of the library', $file);
        if (LibraryPath::isClosedToOthers()) {
            throw new ConfigError('Client::useLibrary is refused: ' . LibraryPath::whereThePathIsFixed());
        }
        if (self::$instance !== null) {
            throw new \LogicException('the library is loaded already: name its path before the first client is made');
        }
        self::$file = $file;
    }

    public function newClient(Options $options): Handle
    {
        $client = $this->newPointer();
        $status = $this->ffi->oo_client_new_with(
            $options->token(),
            $options->secret(),
            $options->url,
            $options->caFile,
            $options->proxy(),
            self::milliseconds($options->connectTimeoutMs),
            self::milliseconds($options->timeoutMs),
            \FFI::addr($client),
        );
        return $status === 0 ? $this->handle('client', $client) : throw $this->refusal($options, $status);
    }

    public function connect(Handle $client, int $timeoutMs): Status
    {
        $this->connect ??= self::declared(self::CONNECT, $this->path);
        return $this->statusOf($this->connect->oo_client_connect($this->pointer($client, 'client'), $timeoutMs));
    }

    /** @return array{status: Status, message: string, httpStatus: int, clockAhead: int|null, keepAlive: string|null} */
    public function probe(Handle $client): array
    {
        $probe = $this->newPointer();
        $status = $this->all()->oo_client_probe($this->pointer($client, 'client'), \FFI::addr($probe));
        try {
            $ahead = $this->all()->oo_probe_clock_ahead($probe);
            return [
                'status' => $this->statusOf($status),
                'message' => $this->all()->oo_probe_message($probe) ?? $this->all()->oo_status_message($status),
                'httpStatus' => $this->all()->oo_probe_http_status($probe),
                'clockAhead' => $ahead === \PHP_INT_MIN ? null : $ahead,
                'keepAlive' => $this->all()->oo_probe_keep_alive($probe),
            ];
        } finally {
            $this->all()->oo_probe_free($probe);
        }
    }

    /** Of the library, as "major.minor.patch". */
    public function version(): string
    {
        return $this->all()->oo_version();
    }

    /** Where the library is; null when ffi.preload has opened it. */
    public function path(): ?string
    {
        return $this->path;
    }

    public function execute(Handle $client, Module $module, int $id): Result
    {
        // What runs after a wait runs with cold caches: a function more takes a microsecond.
        $ffi = $this->ffi;
        [$given, $out, $fields, $size] = $memory = $this->memory ?? $this->newMemory();
        $pointer = $client->what === 'client' ? $this->pointers[$client] ?? null : null;
        $pointer ??= $this->pointer($client, 'client');
        $this->memory = null;
        $number = $ffi->oo_client_execute_and_read($pointer, $module->value, $id, $given, $size, $out);
        $message = $fields->message;
        $body = $fields->body;
        if ($body !== null && \strlen($body) !== $fields->body_length) {
            $body = $this->bytes($out, $fields->body_length);
        }
        $ffi->oo_result_free($given[0]);
        $this->memory = $memory;
        if ($message === null) {
            return self::withoutResult($module, $id, $number);
        }
        if ($number === 0) {
            return new Result(Status::Ok, Outcome::Executed, $module, $id, $fields->http_status, 0, $message, $body);
        }
        $status = Status::tryFrom($number) ?? self::standIn($fields->outcome);
        return new Result($status, $status->outcome(), $module, $id, $fields->http_status, $fields->error_code, $message, $body);
    }

    public function requests(): RequestLibrary
    {
        if ($this->requests === null) {
            self::checkThatItIsPreloaded('RequestLibrary');
            $this->ofRequests = self::declared(self::REQUESTS, $this->path);
            $this->requests = new RequestLibrary($this->ofRequests, $this->handle(...), $this->pointer(...));
        }
        return $this->requests;
    }

    public function outbox(): OutboxLibrary
    {
        if ($this->outbox === null) {
            self::checkThatItIsPreloaded('OutboxLibrary');
            $this->outbox = new OutboxLibrary($this->all(), $this->pointer(...), $this->statusOf(...));
        }
        return $this->outbox;
    }

    /** @throws \LogicException when it is freed */
    public function check(Handle $handle): void
    {
        $this->pointer($handle, $handle->what);
    }

    public function free(Handle $handle): void
    {
        $pointer = $this->pointers[$handle] ?? null;
        if ($pointer === null) {
            return;
        }
        unset($this->pointers[$handle]);
        match ($handle->what) {
            'client' => $this->ffi->oo_client_free($pointer),
            'request' => $this->ofRequests->oo_request_free($pointer),
        };
    }

    /** A library that is newer than this package may know more statuses; their outcome is what counts. */
    public static function standIn(int $outcome): Status
    {
        return match ($outcome) {
            0 => Status::Ok,
            1 => Status::Rejected,
            2 => Status::ConnectFailed,
            default => Status::Internal,
        };
    }

    /** Only a defect of the library leaves a call without a result. It is not asked again. */
    public static function withoutResult(Module $module, int $id, int $status): Result
    {
        $message = "{$module->value} $id: in doubt: the library gave no result, only the status $status";
        return new Result(Status::Internal, Outcome::InDoubt, $module, $id, 0, 0, $message, null);
    }

    private static function open(): self
    {
        try {
            $file = LibraryPath::likely(self::$file);
            $ffi = $file === null ? self::preloaded() : \FFI::cdef(self::CALL, $file);
            if ($ffi->oo_abi_version() === LibraryPath::ABI) {
                return new self($ffi, $file);
            }
        } catch (\FFI\Exception) {
            // Loader says why, or knows another one.
        }
        $file = Loader::find(self::$file);
        return new self(self::declared(self::CALL, $file), $file);
    }

    /** Of ffi.preload, whose header may be older than this package. */
    private static function preloaded(): \FFI
    {
        $ffi = \FFI::scope('oo_webhooks');
        foreach (['oo_client_new_with', 'oo_client_execute_and_read'] as $function) {
            $ffi->$function;
        }
        return $ffi;
    }

    private function all(): \FFI
    {
        return $this->all ??= self::declared(self::header(), $this->path);
    }

    /** @param string|null $file null: what ffi.preload has opened */
    private static function declared(string $header, ?string $file): \FFI
    {
        try {
            return \FFI::cdef($header, $file);
        } catch (\FFI\Exception $error) {
            $version = \FFI::cdef('const char *oo_version(void);', $file)->oo_version();
            $name = $file ?? 'the library of ffi.preload';
            throw new ConfigError("$name is version $version, too old for this package: {$error->getMessage()}");
        }
    }

    /**
     * Where FFI is closed to others, it is to a class that was not preloaded as well, and that could be theirs.
     *
     * @throws ConfigError
     */
    private static function checkThatItIsPreloaded(string $name): void
    {
        if (!LibraryPath::isClosedToOthers()) {
            return;
        }
        $class = __NAMESPACE__ . "\\$name";
        $file = \class_exists($class, false) ? (new \ReflectionClass($class))->getFileName() : null;
        if ($file !== __DIR__ . '/src/Internal' . "/$name.php") {
            throw new ConfigError("$class is not preloaded, as Client is: preload the whole package, by its preload.php");
        }
    }

    private static function header(): string
    {
        $file = @\fopen(self::HEADER, 'r');
        if ($file === false) {
            throw new ConfigError('cannot read ' . self::HEADER . ': install the package again');
        }
        // Any code can put a `file:` of its own in the place of PHP's, and with it another header under this path.
        if (LibraryPath::isClosedToOthers() && \stream_get_meta_data($file)['wrapper_type'] !== 'plainfile') {
            throw new ConfigError(self::HEADER . ' is not read from the disk: call stream_wrapper_restore("file") before');
        }
        return (string) \stream_get_contents($file);
    }

    /** A pointer that is NULL, for a function to write to its address. */
    private function newPointer(): CData
    {
        return $this->ffi->new('void *');
    }

    /** @return array{CData, CData, CData, int} */
    private function newMemory(): array
    {
        $fields = $this->ffi->new('oo_result_fields[1]');
        return [$this->ffi->new('void *[1]'), $fields, $fields[0], \FFI::sizeof($fields)];
    }

    /** The whole body of these fields, whose fifth word is its address: FFI ends a `const char *` at its first NUL. */
    private function bytes(CData $fields, int $length): string
    {
        return \FFI::string($this->ffi->cast('void *[5]', $fields)[4], $length);
    }

    private function handle(string $what, CData $pointer): Handle
    {
        $handle = new Handle($this, $what);
        $this->pointers[$handle] = $pointer;
        return $handle;
    }

    private function pointer(Handle $handle, string $what): CData
    {
        if ($handle->what !== $what) {
            throw new \LogicException("a $what is needed, this is a $handle->what");
        }
        return $this->pointers[$handle] ?? throw new \LogicException("the $what is closed: make a new one");
    }

    /** Why a client of these options is refused, which their own setters say. */
    private function refusal(Options $options, int $status): ConfigError
    {
        $ffi = self::declared(self::OPTIONS, $this->path);
        $made = $this->newPointer();
        $ffi->oo_options_new(\FFI::addr($made));
        try {
            $ffi->oo_options_set_credentials($made, $options->token(), $options->secret());
            if ($options->url !== null) {
                $ffi->oo_options_set_url($made, $options->url);
            }
            if ($options->caFile !== null) {
                $ffi->oo_options_set_ca_file($made, $options->caFile);
            }
            if ($options->proxy() !== null) {
                $ffi->oo_options_set_proxy($made, $options->proxy());
            }
            if ($options->connectTimeoutMs !== null) {
                $ffi->oo_options_set_connect_timeout_ms($made, $options->connectTimeoutMs);
            }
            if ($options->timeoutMs !== null) {
                $ffi->oo_options_set_timeout_ms($made, $options->timeoutMs);
            }
            return new ConfigError($ffi->oo_options_message($made) ?? $ffi->oo_status_message($status), $status);
        } finally {
            $ffi->oo_options_free($made);
        }
    }

    /** For oo_client_new_with, which takes 0 for the default: 0 of a program is refused, as is what is below. */
    private static function milliseconds(?int $given): int
    {
        return $given === 0 ? -1 : $given ?? 0;
    }

    private function statusOf(int $number): Status
    {
        return Status::tryFrom($number) ?? self::standIn($this->all()->oo_status_outcome($number));
    }
}
}

namespace OoWebhooks {

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
}
