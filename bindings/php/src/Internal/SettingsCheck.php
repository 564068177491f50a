<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use OoWebhooks\Client;
use OoWebhooks\ConfigError;
use OoWebhooks\Finding;
use OoWebhooks\Grade;
use OoWebhooks\Options;
use OoWebhooks\Status;

/**
 * Credentials by their shape, and the way to the API: settings, name, connection, TLS, proxy, clock.
 *
 * The words are those of `oo-webhooks doctor`.
 *
 * @internal
 */
final class SettingsCheck
{
    /** Lengths as onOffice gives them out: docs/api-facts.md. */
    private const TOKEN_LENGTH = 32;
    private const SECRET_LENGTH = 64;

    private const DEFAULT_URL = 'https://api.onoffice.de/api/stable/api.php';

    /** The API refuses a timestamp that is further from its clock: docs/api-facts.md. */
    private const CLOCK_LIMIT = 120;

    /** What a `Date` header and a slow answer can be off by. */
    private const CLOCK_NOISE = 5;

    public function __construct(private readonly ?Options $options, private readonly LibraryCheck $library)
    {
    }

    /** @return list<Finding> */
    public function findings(): array
    {
        $token = $this->options?->token() ?? Environment::get('ON_OFFICE_TOKEN');
        $secret = $this->options?->secret() ?? Environment::get('ON_OFFICE_SECRET');
        return [...self::credentials($token, $secret), ...$this->network()];
    }

    /** @return list<Finding> */
    private static function credentials(
        #[\SensitiveParameter] ?string $token,
        #[\SensitiveParameter] ?string $secret,
    ): array {
        if (strlen((string) $token) === self::SECRET_LENGTH && strlen((string) $secret) === self::TOKEN_LENGTH) {
            $found = 'the token is as long as a secret, and the secret as long as a token';
            return [new Finding('credentials', Grade::Bad, $found, 'exchange ON_OFFICE_TOKEN and ON_OFFICE_SECRET')];
        }
        return [
            self::credential('token', 'ON_OFFICE_TOKEN', $token, self::TOKEN_LENGTH),
            self::credential('secret', 'ON_OFFICE_SECRET', $secret, self::SECRET_LENGTH),
        ];
    }

    private static function credential(
        string $name,
        string $variable,
        #[\SensitiveParameter] ?string $value,
        int $usual,
    ): Finding {
        if ($value === null) {
            $cure = "set $variable: onOffice enterprise shows it where an API user is made";
            if (PHP_SAPI === 'fpm-fcgi') {
                $cure .= "\nin the FPM pool: env[$variable] = ..., or clear_env = no; then restart FPM";
            }
            return new Finding($name, Grade::Bad, "$variable is not set", $cure);
        }
        if (preg_match('/^[\s"\'<>]|[\s"\'<>]$/Du', $value) === 1) {
            $found = "$variable begins or ends with a space, a quote or a bracket";
            return new Finding($name, Grade::Bad, $found, "write $variable without it");
        }
        $copy = 'copy it again, if calls are not authenticated';
        if (preg_match('/^[a-z0-9]*$/Di', $value) !== 1) {
            return new Finding($name, Grade::Warning, "$variable has other characters than letters and digits", $copy);
        }
        $length = strlen($value);
        return $length === $usual
            ? new Finding($name, Grade::Good, "$length letters and digits")
            : new Finding($name, Grade::Warning, "$variable has $length characters; usual are $usual", $copy);
    }

    /** @return list<Finding> */
    private function network(): array
    {
        try {
            // Credentials are looked at elsewhere, and a page needs none.
            $options = $this->options ?? Environment::optionsWith('doctor', 'doctor');
            $client = $this->library->isLoaded() ? new Client($options) : null;
        } catch (ConfigError | \ValueError $error) {
            return [new Finding('settings', Grade::Bad, $error->getMessage())];
        }
        $url = $options->url ?? self::DEFAULT_URL;
        // The library refuses it, and is not loaded where it comes this far.
        if (preg_match('#^[^/]*//[^/]*@#', $url) === 1) {
            $found = 'the URL holds a user or password: leave them out';
            return [new Finding('settings', Grade::Bad, $found)];
        }
        $authorities = $options->caFile === null ? 'the bundled authorities' : "the authorities of $options->caFile";
        $findings = [
            new Finding('url', Grade::Good, $url),
            new Finding('certificates', Grade::Good, $authorities),
            self::proxy($options->proxy() !== null),
        ];
        // A proxy looks the name up by itself.
        if ($options->proxy() === null) {
            $findings[] = self::name($url);
        }
        if ($client === null) {
            $findings[] = new Finding('connection', Grade::Unknown, 'the library, which opens it, is not loaded');
            return $findings;
        }
        return [...$findings, ...self::server($client)];
    }

    private static function proxy(bool $isOurs): Finding
    {
        if ($isOurs) {
            return new Finding('proxy', Grade::Good, 'that of ON_OFFICE_PROXY');
        }
        foreach (['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'] as $name) {
            if (Environment::get($name) !== null) {
                $cure = 'set ON_OFFICE_PROXY, if calls must go through a proxy';
                return new Finding('proxy', Grade::Warning, "$name is set, which calls do not use", $cure);
            }
        }
        return new Finding('proxy', Grade::Good, 'none');
    }

    private static function name(string $url): Finding
    {
        $host = trim((string) parse_url($url, PHP_URL_HOST), '[]');
        if ($host === '') {
            return new Finding('name', Grade::Unknown, "no host in $url");
        }
        $begun = hrtime(true);
        $addresses = filter_var($host, FILTER_VALIDATE_IP) !== false ? [$host] : (@gethostbynamel($host) ?: []);
        if ($addresses === []) {
            $addresses = array_column(@dns_get_record($host, DNS_AAAA) ?: [], 'ipv6');
        }
        $milliseconds = intdiv(hrtime(true) - $begun, 1_000_000);
        if ($addresses === []) {
            $cure = 'look at the host in ON_OFFICE_URL and at the name servers in /etc/resolv.conf';
            return new Finding('name', Grade::Bad, "$host: it has no address", $cure);
        }
        return new Finding('name', Grade::Good, "$host is " . implode(', ', $addresses) . " ($milliseconds ms)");
    }

    /** @return list<Finding> */
    private static function server(Client $client): array
    {
        $begun = hrtime(true);
        try {
            $probe = Library::instance()->probe($client->handleForCalls());
        } catch (\LogicException) {
            return [new Finding('connection', Grade::Unknown, 'Client::forbidRealCalls() is in force')];
        } catch (ConfigError) {
            return [new Finding('connection', Grade::Unknown, 'the library is older than this package')];
        }
        $milliseconds = intdiv(hrtime(true) - $begun, 1_000_000);
        if ($probe['status'] !== Status::Ok) {
            return [new Finding('connection', Grade::Bad, $probe['message'], self::cure($probe['status']))];
        }
        $keepAlive = $probe['keepAlive'] === null
            ? 'the server does not say how long; the library keeps 50 s at most'
            : "the server says {$probe['keepAlive']}";
        return [
            new Finding('connection', Grade::Good, "the server answers a GET with HTTP {$probe['httpStatus']} ($milliseconds ms)"),
            self::clock($probe['clockAhead']),
            new Finding('keep-alive', Grade::Good, $keepAlive),
        ];
    }

    private static function cure(Status $status): string
    {
        return match ($status) {
            Status::DnsFailed => 'look at the host in ON_OFFICE_URL and at the name servers in /etc/resolv.conf',
            Status::TlsFailed => "look at this machine's clock; where a company's proxy signs certificates, name its"
                . ' authority in ON_OFFICE_CA_FILE',
            Status::ProxyFailed => 'look at ON_OFFICE_PROXY, and whether the proxy lets CONNECT to port 443 through',
            Status::Timeout, Status::ConnectTimeout => "a firewall may drop what goes out: let port 443 of the API's"
                . ' host through, or set ON_OFFICE_PROXY',
            default => "look whether a firewall refuses port 443 of the API's host, and whether ON_OFFICE_URL is right",
        };
    }

    private static function clock(?int $ahead): Finding
    {
        if ($ahead === null) {
            return new Finding('clock', Grade::Unknown, "the server's answer has no Date");
        }
        $difference = abs($ahead);
        if ($difference <= self::CLOCK_NOISE) {
            return new Finding('clock', Grade::Good, "like the server's");
        }
        return new Finding(
            'clock',
            $difference < self::CLOCK_LIMIT ? Grade::Warning : Grade::Bad,
            "$difference s " . ($ahead > 0 ? 'ahead of' : 'behind') . " the server's",
            'set it with NTP: the API refuses what differs by ' . self::CLOCK_LIMIT . ' s'
        );
    }
}
