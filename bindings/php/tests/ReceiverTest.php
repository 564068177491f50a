<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Client;
use OoWebhooks\Tests\Support\Mock;
use OoWebhooks\Tests\Support\Receiver;
use PHPUnit\Framework\TestCase;

/** The receiver lets in what onOffice has signed, and nothing else. */
final class ReceiverTest extends TestCase
{
    private const CALL = ['estateId' => '7', 'customerName' => 'Müller ~ & Co. + 1', 'apiClaim' => 'a/b=', 'empty' => ''];

    public function testARightSignatureIsLetIn(): void
    {
        $receiver = new Receiver();
        $call = $receiver->signed(self::CALL + ['timestamp' => time()]);

        self::assertSame(200, $receiver->get($call));
        self::assertStringContainsString('estateId 7', $receiver->said('received: '));
        self::assertSame(200, $receiver->get(array_reverse($call, true)), 'in any order');
        foreach ([-290, 290] as $seconds) {
            self::assertSame(200, $receiver->get($receiver->signed(self::CALL + ['timestamp' => time() + $seconds])));
        }
    }

    public function testAnythingElseIsRefused(): void
    {
        $receiver = new Receiver();
        $call = $receiver->signed(self::CALL + ['timestamp' => time()]);
        $refused = [
            'nothing' => [],
            'no signature' => array_diff_key($call, ['signature' => 0]),
            'an empty signature' => ['signature' => ''] + $call,
            'a signature that is a list' => ['signature' => [$call['signature']]] + $call,
            'upper case' => ['signature' => strtoupper($call['signature'])] + $call,
            'another secret' => $receiver->signed(self::CALL + ['timestamp' => time()], 'another'),
            'another record' => ['estateId' => '8'] + $call,
            'one more parameter' => $call + ['zz' => '1'],
            'one parameter less' => array_diff_key($call, ['empty' => 0]),
            'no time' => $receiver->signed(self::CALL),
            'a time that is a list' => $receiver->signed(self::CALL + ['timestamp' => [time()]]),
            'an old one' => $receiver->signed(self::CALL + ['timestamp' => time() - 310]),
            'one of the future' => $receiver->signed(self::CALL + ['timestamp' => time() + 310]),
        ];
        foreach ($refused as $what => $parameters) {
            self::assertSame(401, $receiver->get($parameters), $what);
        }
    }

    public function testWithoutASecretNobodyIsLetIn(): void
    {
        $receiver = new Receiver('');
        self::assertSame(500, $receiver->get($receiver->signed(self::CALL + ['timestamp' => time()], '')));
    }

    public function testWhatTheMockExecutesArrives(): void
    {
        [$mock, $receiver] = [Mock::fresh(), new Receiver()];
        $mock->webhooks(
            ['module' => 'estate', 'event' => 'update', 'url' => "$receiver->url?from=m%C3%BCnchen+%7E"],
            ['module' => 'estate', 'event' => 'create', 'url' => $receiver->url, 'secret' => 'another'],
        );
        (new Client($mock->options()))->executeWebhooks('estate', 15005);

        self::assertSame([['estate', 15005, 200], ['estate', 15005, 401]], $mock->deliveries());
        self::assertStringContainsString('estateId 15005', $receiver->said('received: '));
    }
}
