<?php

declare(strict_types=1);

namespace OoWebhooks\Tests\Support;

/** As much of a web server as FPM needs: one request over a Unix socket, answered within 30 s. */
final class FastCgi
{
    private const BEGIN = 1;
    private const END = 3;
    private const PARAMS = 4;
    private const STDIN = 5;
    private const STDOUT = 6;
    private const STDERR = 7;

    /**
     * @param array<string, string> $parameters
     *
     * @return string the body of the answer
     */
    public static function get(string $socket, string $script, array $parameters = []): string
    {
        $connection = stream_socket_client("unix://$socket", $code, $message, 10);
        if ($connection === false) {
            throw new \RuntimeException("cannot connect to $socket: $message");
        }
        stream_set_timeout($connection, 30);
        $parameters += [
            'GATEWAY_INTERFACE' => 'CGI/1.1',
            'REQUEST_METHOD' => 'GET',
            'QUERY_STRING' => '',
            'SCRIPT_FILENAME' => $script,
            'SCRIPT_NAME' => '/' . basename($script),
            'SERVER_PROTOCOL' => 'HTTP/1.1',
        ];
        fwrite($connection, self::record(self::BEGIN, pack('nCx5', 1, 0))
            . self::record(self::PARAMS, self::pairs($parameters))
            . self::record(self::PARAMS, '')
            . self::record(self::STDIN, ''));
        $answer = self::answer($connection);
        fclose($connection);
        return substr(strstr($answer, "\r\n\r\n") ?: '', 4);
    }

    private static function record(int $type, string $content): string
    {
        return pack('CCnnCx', 1, $type, 1, strlen($content), 0) . $content;
    }

    /** @param array<string, string> $parameters */
    private static function pairs(array $parameters): string
    {
        $pairs = '';
        foreach ($parameters as $name => $value) {
            $pairs .= self::length($name) . self::length($value) . $name . $value;
        }
        return $pairs;
    }

    private static function length(string $text): string
    {
        return strlen($text) < 128 ? chr(strlen($text)) : pack('N', strlen($text) | 0x80000000);
    }

    /** @param resource $connection */
    private static function answer($connection): string
    {
        $answer = '';
        do {
            $head = (string) stream_get_contents($connection, 8);
            if (strlen($head) < 8) {
                throw new \RuntimeException("the worker ended without an answer; it had said: $answer");
            }
            ['type' => $type, 'length' => $length, 'padding' => $padding] =
                unpack('Cversion/Ctype/nid/nlength/Cpadding', $head);
            $content = $length + $padding === 0 ? '' : stream_get_contents($connection, $length + $padding);
            if ($type === self::STDOUT || $type === self::STDERR) {
                $answer .= substr($content, 0, $length);
            }
        } while ($type !== self::END);
        return $answer;
    }
}
