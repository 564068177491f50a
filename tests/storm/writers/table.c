/* A writer of the storm: saves in a database by the documented statement. For C and C++, libmariadb and libpq. */
#include "diary.h"

#include <string.h>

#ifdef POSTGRESQL
#include <libpq-fe.h>
typedef PGconn connection;

static connection *connect_to(const char *socket)
{
    char target[512];
    PGconn *made;

    snprintf(target, sizeof target, "host=%s dbname=shop user=app", socket);
    made = PQconnectdb(target);
    if (PQstatus(made) == CONNECTION_OK)
        return made;
    PQfinish(made);
    return NULL;
}

static void disconnect(connection *shop)
{
    PQfinish(shop);
}

static int run(connection *shop, const char *statement)
{
    PGresult *result = PQexec(shop, statement);
    int done = PQresultStatus(result) == PGRES_COMMAND_OK;

    PQclear(result);
    return done;
}
#else
#include <mysql.h>
typedef MYSQL connection;

static connection *connect_to(const char *socket)
{
    MYSQL *made = mysql_init(NULL);

    if (mysql_real_connect(made, NULL, "app", NULL, "shop", 0, socket, 0) != NULL)
        return made;
    mysql_close(made);
    return NULL;
}

static void disconnect(connection *shop)
{
    mysql_close(shop);
}

static int run(connection *shop, const char *statement)
{
    return mysql_query(shop, statement) == 0;
}
#endif

static int save(connection *shop, int64_t id)
{
    char statement[160];

    snprintf(statement, sizeof statement,
             "INSERT INTO oo_webhooks_outbox (account, module, record_id) VALUES ('', 'estate', %lld)", (long long)id);
    return run(shop, "BEGIN") && run(shop, statement) && run(shop, "COMMIT");
}

int main(int argc, char **argv)
{
    struct diary diary;
    connection *shop = NULL;

    if (argc != 7)
        return 2;
    diary = diary_open(argv);
    while (diary.saves > 0) {
        int64_t id = diary_record(&diary);
        int saved;

        if (shop == NULL && (shop = connect_to(argv[1])) == NULL) {
            diary_pause(&diary);
            continue;
        }
        diary_note(&diary, "begin", id);
        saved = save(shop, id);
        diary_note(&diary, saved ? "saved" : "refused", id);
        diary.saves -= saved;
        if (!saved) {
            disconnect(shop);
            shop = NULL;
        }
        diary_pause(&diary);
    }
    if (shop != NULL)
        disconnect(shop);
    return 0;
}
