<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

/**
 * The name of an account in the table of an outbox.
 *
 * @internal
 */
final class Account
{
    /** Of the column. A server that is not strict would cut what is longer, and name another account. */
    private const MOST_CHARACTERS = 64;

    /** @throws \ValueError that does not show it: it may be a token that was given in its place */
    public static function check(#[\SensitiveParameter] string $account): void
    {
        Text::check('the account', $account);
        if (preg_match_all('/./su', $account) > self::MOST_CHARACTERS) {
            throw new \ValueError('the account is longer than ' . self::MOST_CHARACTERS . ' characters: give it a short name');
        }
    }
}
