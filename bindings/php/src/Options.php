<?php

declare(strict_types=1);

namespace OoWebhooks;

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
