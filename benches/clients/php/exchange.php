<?php

/*
 * The exchange as a user without the library writes it: each action signed as the API's page shows it.
 */

declare(strict_types=1);

const TOKEN = 'MockTokenMockTokenMockToken00001';
const SECRET = 'MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001';
const ACTION_ID = 'urn:onoffice-de-ns:smart:2.5:smartml:action:do';
const RESOURCE_TYPE = 'executeMarketplaceWebhooks';
const MODULE = 'address';

function request(int $records, int $firstId): string
{
    $timestamp = time();
    $actions = [];
    for ($i = 0; $i < $records; $i++) {
        $text = $timestamp . TOKEN . RESOURCE_TYPE . ACTION_ID;
        $actions[] = [
            'actionid' => ACTION_ID,
            'resourceid' => (string) ($firstId + $i),
            'identifier' => (string) $i,
            'resourcetype' => RESOURCE_TYPE,
            'timestamp' => $timestamp,
            'hmac' => base64_encode(hash_hmac('sha256', $text, SECRET, true)),
            'hmac_version' => '2',
            'parameters' => ['module' => MODULE],
        ];
    }
    return json_encode(['token' => TOKEN, 'request' => ['actions' => $actions]], JSON_THROW_ON_ERROR);
}

function check(string $answer, int $records): void
{
    $document = json_decode($answer, true, 512, JSON_THROW_ON_ERROR);
    $executed = 0;
    foreach ($document['response']['results'] as $result) {
        $said = $result['data']['records'][0]['elements']['result'] ?? null;
        $executed += (int) ($said === 'success' && $result['status']['errorcode'] === 0);
    }
    if ($document['status']['errorcode'] !== 0 || $executed !== $records) {
        throw new RuntimeException('no success');
    }
}
