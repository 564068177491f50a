<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

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
