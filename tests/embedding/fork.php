<?php
// The program in PHP that fork.py runs: parent, child and grandchild call at once, in each round.
//
//     php fork.php <header> <library> before|after <rounds> <calls>
declare(strict_types=1);

[, $header, $library, $when, $rounds, $calls] = $argv;
const LIMIT = 60; // seconds that a process may take

$oo = FFI::cdef(preg_replace('/^#.*$/m', '', file_get_contents($header)), $library);

$options = $oo->new('oo_options *');
$client = $oo->new('oo_client *');
$oo->oo_options_from_env(FFI::addr($options));
$status = $oo->oo_client_new($options, FFI::addr($client));
check($status === 0, fn () => $oo->oo_options_message($options));
$oo->oo_options_free($options);

for ($round = 0; $round < (int) $rounds; $round++) {
    // In a process of its own, so that it has a first call.
    expectSuccess(forked(fn () => family($round, $when === 'after')));
}
$oo->oo_client_free($client);

function family(int $round, bool $calledBefore): void
{
    global $calls;
    if ($calledBefore) {
        execute(idsOf($round, 0) + (int) $calls);
    }
    // All wait for the end of what nobody writes: it comes when the last one closes its end.
    $start = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    $child = forked(function () use ($round, $start): void {
        $grandchild = forked(fn () => executeAll(idsOf($round, 2), $start));
        executeAll(idsOf($round, 1), $start);
        expectSuccess($grandchild);
    });
    executeAll(idsOf($round, 0), $start);
    expectSuccess($child);
}

/** @param array{resource, resource} $start */
function executeAll(int $first, array $start): void
{
    global $calls;
    fclose($start[0]);
    fread($start[1], 1);
    for ($call = 0; $call < (int) $calls; $call++) {
        execute($first + $call);
    }
}

function idsOf(int $round, int $process): int
{
    return ($round * 3 + $process + 1) * 100;
}

function execute(int $id): void
{
    global $oo, $client;
    $result = $oo->new('oo_result *');
    $status = $oo->oo_client_execute_webhooks($client, 'address', $id, FFI::addr($result));
    check($status === 0, fn () => $oo->oo_result_message($result));
    $body = $oo->oo_result_body($result, null);
    check(str_contains($body, "\"resourceid\":\"$id\""), fn () => $body);
    $oo->oo_result_free($result);
}

function forked(callable $run): int
{
    global $oo, $client;
    $pid = pcntl_fork();
    check($pid >= 0, fn () => 'fork failed');
    if ($pid === 0) {
        pcntl_alarm(LIMIT);
        $run();
        $oo->oo_client_free($client);
        exit(0);
    }
    return $pid;
}

function expectSuccess(int $pid): void
{
    pcntl_waitpid($pid, $status);
    check(!pcntl_wifsignaled($status), fn () => 'ended by signal ' . pcntl_wtermsig($status));
    check(pcntl_wexitstatus($status) === 0, fn () => 'a process failed');
}

function check(bool $condition, callable $message): void
{
    if (!$condition) {
        fwrite(STDERR, $message() . "\n");
        exit(1);
    }
}
