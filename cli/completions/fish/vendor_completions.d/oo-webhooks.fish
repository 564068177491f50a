# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_oo_webhooks_global_optspecs
    string join \n h/help V/version
end

function __fish_oo_webhooks_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_oo_webhooks_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_oo_webhooks_using_subcommand
    set -l cmd (__fish_oo_webhooks_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c oo-webhooks -n "__fish_oo_webhooks_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oo-webhooks -n "__fish_oo_webhooks_needs_command" -s V -l version -d 'Print version'
complete -c oo-webhooks -n "__fish_oo_webhooks_needs_command" -f -a "execute" -d 'Execute the webhooks of records now, and wait for the answer'
complete -c oo-webhooks -n "__fish_oo_webhooks_needs_command" -f -a "enqueue" -d 'Save records into an outbox, from which a worker executes their webhooks'
complete -c oo-webhooks -n "__fish_oo_webhooks_needs_command" -f -a "work" -d 'Take records from an outbox and execute their webhooks, until SIGTERM'
complete -c oo-webhooks -n "__fish_oo_webhooks_needs_command" -f -a "status" -d 'Show how many records an outbox holds, how old they are, and the last error'
complete -c oo-webhooks -n "__fish_oo_webhooks_needs_command" -f -a "list" -d 'List the records of an outbox, the oldest first'
complete -c oo-webhooks -n "__fish_oo_webhooks_needs_command" -f -a "retry" -d 'Have records sent again that are in doubt or have failed'
complete -c oo-webhooks -n "__fish_oo_webhooks_needs_command" -f -a "drop" -d 'Forget records that wait, are in doubt or have failed'
complete -c oo-webhooks -n "__fish_oo_webhooks_needs_command" -f -a "schema" -d 'Print the SQL that makes the tables of an outbox in a database'
complete -c oo-webhooks -n "__fish_oo_webhooks_needs_command" -f -a "doctor" -d 'Look at everything that can be wrong, and say what cures it'
complete -c oo-webhooks -n "__fish_oo_webhooks_needs_command" -f -a "mock" -d 'Serve a mock of the onOffice API, to test apps without an account'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand execute" -l json -d 'Print a JSON array with one object a record'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand execute" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand enqueue" -l outbox -d 'A folder; without it the variable OO_WEBHOOKS_OUTBOX' -r -F
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand enqueue" -l database -d 'A database, such as mariadb://worker@/shop?socket=/run/mysqld/mysqld.sock or postgres://worker@db/shop; without it the variable OO_WEBHOOKS_DATABASE. Its password belongs in OO_WEBHOOKS_DATABASE_PASSWORD: everybody on the machine can read a command line' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand enqueue" -l account -d 'The account whose credentials are used, by the name that the worker knows; never a token. Only with a database' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand enqueue" -l fsync -d 'Return when the disk has it. Only with a folder; a database does so by itself'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand enqueue" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand work" -l outbox -d 'A folder; without it the variable OO_WEBHOOKS_OUTBOX' -r -F
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand work" -l database -d 'A database, such as mariadb://worker@/shop?socket=/run/mysqld/mysqld.sock or postgres://worker@db/shop; without it the variable OO_WEBHOOKS_DATABASE. Its password belongs in OO_WEBHOOKS_DATABASE_PASSWORD: everybody on the machine can read a command line' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand work" -l outbox-of -d 'A further folder and the account that it is for, as NAME=DIR; may be repeated' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand work" -l accounts -d 'A JSON file of accounts: {"north": {"token": "...", "secret": "..."}}; url, ca_file, proxy and timeout_ms may be added. "" is the account of records without one' -r -F
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand work" -l account -d 'An account whose credentials are in ON_OFFICE_TOKEN_NAME and ON_OFFICE_SECRET_NAME, in capitals; may be repeated' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand work" -l other-accounts -d 'What becomes of the records of other accounts' -r -f -a "fail\t'They fail, with the reason'
leave\t'They stay for another worker'"
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand work" -l threads -d 'Calls at a time' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand work" -l batch -d 'Records in a request. An answer that is lost then puts so many in doubt. Only with a database' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand work" -l rate -d 'Calls in a second, at most' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand work" -l pause -d 'The pause after a look that found nothing to send' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand work" -l when-in-doubt -d 'What becomes of a record that may have been executed or not' -r -f -a "hold\t'It is held for a person: executed at most once'
resend\t'It is sent again: executed at least once, perhaps twice'
drop\t'It is forgotten: executed at most once, perhaps never'"
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand work" -l log -d 'Lines about each record, to standard error' -r -f -a "text\t'For people'
json\t'One JSON object a line'
off\t'No lines'"
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand work" -l metrics-port -d 'Serve http://127.0.0.1:PORT/metrics; 0 takes a free port and prints it' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand work" -l metrics-file -d 'Write them to this file every 15 s and at the end' -r -F
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand work" -l once -d 'Send what is due and end. The exit code tells of the records that were sent'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand work" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand status" -l outbox -d 'A folder; without it the variable OO_WEBHOOKS_OUTBOX' -r -F
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand status" -l database -d 'A database, such as mariadb://worker@/shop?socket=/run/mysqld/mysqld.sock or postgres://worker@db/shop; without it the variable OO_WEBHOOKS_DATABASE. Its password belongs in OO_WEBHOOKS_DATABASE_PASSWORD: everybody on the machine can read a command line' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand status" -l max-age -d 'With --check: a record that has waited longer is critical' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand status" -l json -d 'Print a JSON object'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand status" -l check -d 'Print one line for a monitor, whose verdict is the exit code'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand list" -l outbox -d 'A folder; without it the variable OO_WEBHOOKS_OUTBOX' -r -F
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand list" -l database -d 'A database, such as mariadb://worker@/shop?socket=/run/mysqld/mysqld.sock or postgres://worker@db/shop; without it the variable OO_WEBHOOKS_DATABASE. Its password belongs in OO_WEBHOOKS_DATABASE_PASSWORD: everybody on the machine can read a command line' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand list" -l state -d 'Only those in this state' -r -f -a "waiting\t''
sending\t''
doubt\t''
failed\t''"
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand list" -l account -d 'Only those of this account' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand list" -l older-than -d 'Only those that have been in their state, or have waited, for at least so long: 90s, 15m, 2h, 1d' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand list" -l module -d 'Only those of this module, which may be one that onOffice does not have' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand list" -l limit -d 'So many at most; 0 for all' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand list" -l json -d 'Print a JSON array with one object a record'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand list" -s h -l help -d 'Print help'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand retry" -l outbox -d 'A folder; without it the variable OO_WEBHOOKS_OUTBOX' -r -F
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand retry" -l database -d 'A database, such as mariadb://worker@/shop?socket=/run/mysqld/mysqld.sock or postgres://worker@db/shop; without it the variable OO_WEBHOOKS_DATABASE. Its password belongs in OO_WEBHOOKS_DATABASE_PASSWORD: everybody on the machine can read a command line' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand retry" -l state -d 'Only those in this state' -r -f -a "waiting\t''
sending\t''
doubt\t''
failed\t''"
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand retry" -l account -d 'Only those of this account' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand retry" -l older-than -d 'Only those that have been in their state, or have waited, for at least so long: 90s, 15m, 2h, 1d' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand retry" -l module -d 'Only those of this module, which may be one that onOffice does not have' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand retry" -l listed-at -d 'Only as they were at this time, which `list` prints; without it, as they are now' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand retry" -l all -d 'All records, of whatever state'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand retry" -l dry-run -d 'Only say how many records it would be'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand retry" -l json -d 'Print a JSON object'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand retry" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand drop" -l outbox -d 'A folder; without it the variable OO_WEBHOOKS_OUTBOX' -r -F
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand drop" -l database -d 'A database, such as mariadb://worker@/shop?socket=/run/mysqld/mysqld.sock or postgres://worker@db/shop; without it the variable OO_WEBHOOKS_DATABASE. Its password belongs in OO_WEBHOOKS_DATABASE_PASSWORD: everybody on the machine can read a command line' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand drop" -l state -d 'Only those in this state' -r -f -a "waiting\t''
sending\t''
doubt\t''
failed\t''"
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand drop" -l account -d 'Only those of this account' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand drop" -l older-than -d 'Only those that have been in their state, or have waited, for at least so long: 90s, 15m, 2h, 1d' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand drop" -l module -d 'Only those of this module, which may be one that onOffice does not have' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand drop" -l listed-at -d 'Only as they were at this time, which `list` prints; without it, as they are now' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand drop" -l all -d 'All records, of whatever state'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand drop" -l dry-run -d 'Only say how many records it would be'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand drop" -l json -d 'Print a JSON object'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand drop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand schema" -l dialect -d 'mariadb (10.6 and later), mysql (8.0.17 and later) or postgresql (12 and later)' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand schema" -l from -d 'Only what brings the tables from this version to the newest; 0 is a database without them' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand doctor" -l outbox -d 'A folder; without it the variable OO_WEBHOOKS_OUTBOX' -r -F
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand doctor" -l database -d 'A database, such as mariadb://worker@/shop?socket=/run/mysqld/mysqld.sock or postgres://worker@db/shop; without it the variable OO_WEBHOOKS_DATABASE. Its password belongs in OO_WEBHOOKS_DATABASE_PASSWORD: everybody on the machine can read a command line' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand doctor" -l json -d 'Print a JSON object'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l port -d 'Port of the API; 0 takes a free one' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l bind -d 'Address to listen on' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l ca-file -d 'Write the certificate of the mock\'s CA to this file' -r -F
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l control-port -d 'Serve /mock/* on a plain HTTP port of 127.0.0.1 as well; 0 takes a free one' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l token -d 'Token of the account that may call' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l secret -d 'Secret of the accounts' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l provider-token -d 'Token of a marketplace provider, who is refused with 240' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l fault -d 'A fault, such as \'{"kind": "delay", "ms": 500, "times": 1}\'; may be repeated' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l faults-file -d 'A file with a JSON list of faults' -r -F
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l webhook -d 'A webhook of the marketplace, such as \'{"module": "estate", "event": "update", "url": "http://127.0.0.1:8080/hook"}\'; may be repeated' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l unknown -d 'A record that does not exist, such as address/7; may be repeated' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l error-shape -d 'Where an error is told in the answer' -r -f -a "repeated\t''
action-only\t''
generic\t''
top-only\t''"
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l clock-offset -d 'Seconds by which the mock\'s clock is ahead' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l tls -d 'TLS versions offered' -r -f -a "1.2\t''
1.3\t''
both\t''"
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l certificate -d 'The certificate shown' -r -f -a "good\t''
expired\t''
wrong-host\t''
unknown-ca\t''"
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l name -d 'A further host name or IP address that the certificate is good for, and by which /mock/* may be asked for; may be repeated' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l idle-timeout-ms -d 'Close a connection that is silent for so long' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l max-connections -d 'Connections that each port keeps open; a further one is closed at once' -r
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l ready-file -d 'Write the lines printed at start to this file too, once the mock accepts connections' -r -F
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l http -d 'Plain HTTP instead of HTTPS'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l strict -d 'Refuse what the API is thought to take although it is documented otherwise, instead of noting it'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l codes-as-strings -d 'Write error codes as strings'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l no-keep-alive -d 'Close each connection after its answer'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l quiet -d 'Print nothing for each request'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -l exit-with-parent -d 'Stop when standard input ends, as it does with the process at its other end'
complete -c oo-webhooks -n "__fish_oo_webhooks_using_subcommand mock" -s h -l help -d 'Print help (see more with \'--help\')'
