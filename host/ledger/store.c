/*
 * ledger/store.c: SQLite as the ledger uses it.
 *
 * The journal is a write-ahead log: a commit costs one fsync of one file,
 * against three with a rollback journal, and `history` reads while a run
 * writes.  A torn tail of the log is found by its checksums and dropped.
 * synchronous=FULL makes that fsync happen at each commit, not only at
 * checkpoints.  The log needs memory shared by all who use the file, which
 * network file systems do not give, so there it is the rollback journal.
 */
#include "ledger/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "ledger/schema.h"
#include "util/error.h"
#include "util/file.h"
#include "util/mem.h"

#define BUSY_TIMEOUT_MS 20000
#define BUSY_PAUSE_MS 10
#define LOG_KEPT "4194304" /* bytes of a log that was written into the file */

/* linux/magic.h does not know these. */
#define CIFS_MAGIC 0xFF534D42
#define FUSE_MAGIC 0x65735546

static enum fb_code
code_of(int rc)
{
    switch (rc & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return FB_E_BUSY;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
        return FB_E_OUTPUT;
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return FB_E_PERMISSION;
    case SQLITE_TOOBIG:
        return FB_E_LIMIT;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
        return FB_E_BUG;
    default:
        return FB_E_FAILED;
    }
}

/* SQLite's own text describes the last call on the connection only, so it
 * stands in when that was the call that failed. */
static int
fail_sqlite(const struct store *store, int rc, const char *verb,
            struct fb_error *err)
{
    bool last =
        store->db != NULL && (sqlite3_errcode(store->db) & 0xFF) == (rc & 0xFF);
    const char *why = last ? sqlite3_errmsg(store->db) : sqlite3_errstr(rc);

    assert(rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE);
    fb_fail(err, code_of(rc), "cannot %s the ledger '%s': %s", verb,
            store->path, why);
    if ((rc & 0xFF) == SQLITE_CORRUPT || (rc & 0xFF) == SQLITE_NOTADB)
        fb_hint(err, "restore it from a backup, or save what can be read "
                     "with 'sqlite3 FILE .recover'; without it every upload "
                     "counts as new");
    return -1;
}

/* A busy file while the journal's mode changes is told at once, without the
 * busy timeout: wait here. */
static int
exec_patiently(struct store *store, const char *sql)
{
    int rc;

    for (int waited = 0;; waited += BUSY_PAUSE_MS) {
        rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
        if ((rc & 0xFF) != SQLITE_BUSY || waited >= BUSY_TIMEOUT_MS)
            return rc;
        sqlite3_sleep(BUSY_PAUSE_MS);
    }
}

static int
exec(struct store *store, const char *sql, struct fb_error *err)
{
    int rc = exec_patiently(store, sql);

    return rc == SQLITE_OK ? 0 : fail_sqlite(store, rc, "write", err);
}

static int
ask_number(struct store *store, const char *sql, int64_t *number,
           struct fb_error *err)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    if (rc != SQLITE_ROW) {
        fail_sqlite(store, rc, "read", err);
        sqlite3_finalize(statement);
        return -1;
    }
    *number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return 0;
}

static bool
on_network(const char *path)
{
    struct statfs fs;

    if (statfs(path, &fs) != 0)
        return false;
    switch ((unsigned long)fs.f_type) {
    case NFS_SUPER_MAGIC:
    case SMB_SUPER_MAGIC:
    case SMB2_SUPER_MAGIC:
    case CIFS_MAGIC:
    case V9FS_MAGIC:
    case AFS_SUPER_MAGIC:
    case CODA_SUPER_MAGIC:
    case CEPH_SUPER_MAGIC:
    case FUSE_MAGIC:
        return true;
    default:
        return false;
    }
}

static void
distrust(struct store *store)
{
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    /* The file may be another's work: it must not make us call functions. */
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
}

/*
 * Who may only read cannot make the log and its index, and without them a
 * database that uses a log cannot be read (https://sqlite.org/wal.html,
 * "Read-Only Databases"): so they stay, emptied, when the last writer leaves.
 */
static int
keep_log(struct store *store, struct fb_error *err)
{
    int on = 1;

    if (sqlite3_file_control(store->db, "main", SQLITE_FCNTL_PERSIST_WAL,
                             &on) != SQLITE_OK)
        return fb_fail(err, FB_E_OUTPUT, "cannot keep the log of '%s'",
                       store->path);
    return exec(store, "PRAGMA journal_size_limit = " LOG_KEPT, err);
}

static int
configure(struct store *store, struct fb_error *err)
{
    distrust(store);
    if (sqlite3_db_readonly(store->db, "main") != 0)
        return fb_fail(err, FB_E_OUTPUT,
                       "cannot write the ledger '%s': it is read-only",
                       store->path);
    store->log = !on_network(store->path);
    if (exec(store,
             store->log ? "PRAGMA journal_mode = WAL"
                        : "PRAGMA journal_mode = DELETE",
             err) != 0)
        return -1;
    if (store->log && keep_log(store, err) != 0)
        return -1;
    return exec(store,
                "PRAGMA synchronous = FULL;"
                "PRAGMA foreign_keys = ON;"
                "PRAGMA cell_size_check = ON;",
                err);
}

/* Refuses, before anything is changed, what is not ours or newer than us. */
static int
check_version(struct store *store, int64_t *version, struct fb_error *err)
{
    int64_t application, tables;

    if (ask_number(store, "PRAGMA application_id", &application, err) != 0 ||
        ask_number(store, "PRAGMA user_version", version, err) != 0 ||
        ask_number(store, "SELECT count(*) FROM sqlite_schema", &tables, err) !=
            0)
        return -1;
    if (application != SCHEMA_APPLICATION_ID &&
        (application != 0 || *version != 0 || tables != 0))
        return fb_fail(err, FB_E_FAILED,
                       "cannot use '%s': it is a database of some other "
                       "program",
                       store->path);
    if (*version < 0 || *version > SCHEMA_VERSION) {
        fb_fail(err, FB_E_FAILED,
                "cannot use the ledger '%s': it has version %lld, and this "
                "program knows versions up to %d",
                store->path, (long long)*version, SCHEMA_VERSION);
        return fb_hint(err, "a newer forebay wrote it; use that one");
    }
    return 0;
}

static int
apply_migrations(struct store *store, int64_t version, struct fb_error *err)
{
    AUTO_FREE char *mark =
        mem_printf("PRAGMA application_id = %d; PRAGMA user_version = %d",
                   SCHEMA_APPLICATION_ID, SCHEMA_VERSION);

    for (int v = (int)version + 1; v <= SCHEMA_VERSION; v++) {
        if (exec(store, schema_migration(v), err) != 0)
            return -1;
    }
    return exec(store, mark, err);
}

static int
migrate(struct store *store, struct fb_error *err)
{
    int64_t version;
    int rc;

    /* One snapshot: another process may be making the tables right now. */
    if (exec(store, "BEGIN", err) != 0)
        return -1;
    rc = check_version(store, &version, err);
    store_rollback(store);
    if (rc != 0 || version == SCHEMA_VERSION)
        return rc;
    if (store_begin(store, err) != 0)
        return -1;
    /* It may have done so while we waited for the lock. */
    if (check_version(store, &version, err) != 0 ||
        (version < SCHEMA_VERSION &&
         apply_migrations(store, version, err) != 0)) {
        store_rollback(store);
        return -1;
    }
    return store_commit(store, err);
}

/* Whom the folder lets in may read the ledger, whatever the umask: SQLite
 * gives the files beside it the same mode. */
static mode_t
folder_group_read(const char *path)
{
    struct arena *arena = arena_new();
    struct stat st;
    bool known = stat(file_folder(arena, path), &st) == 0;

    arena_free(arena);
    return known ? st.st_mode & S_IRGRP : 0;
}

/*
 * SQLite would follow a link, wait for a FIFO's other end, and make the file
 * readable by everyone.  Looked at with lstat and never opened here: closing
 * any descriptor of a file drops the locks that SQLite holds on it.
 */
static int
check_file(const char *path, bool create, struct fb_error *err)
{
    mode_t mode;
    struct stat st;
    int fd;

    if (lstat(path, &st) == 0) {
        if (!S_ISREG(st.st_mode))
            return fb_fail(err, FB_E_PERMISSION,
                           "cannot use the ledger '%s': it is not a regular "
                           "file",
                           path);
        if (st.st_uid != geteuid() || (st.st_mode & 022) != 0) {
            fb_fail(err, FB_E_PERMISSION,
                    "cannot use the ledger '%s': it must belong to the "
                    "running user (%u) and nobody else may write to it, but "
                    "it belongs to user %u with mode %04o",
                    path, (unsigned)geteuid(), (unsigned)st.st_uid,
                    (unsigned)st.st_mode & 07777);
            return fb_hint(err, "expected mode: 0600");
        }
        return 0;
    }
    if (errno == ENOENT && !create)
        return 0;
    fd = errno == ENOENT
             ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                    0600)
             : -1;
    mode = 0600 | folder_group_read(path);
    if (fd >= 0 && mode != 0600 && fchmod(fd, mode) != 0) {
        close(fd);
        fd = -1;
    }
    if (fd < 0 && errno != EEXIST) {
        int number = errno;

        return fb_fail(err, error_code_of_errno(number, true),
                       "cannot make the ledger '%s': %s", path,
                       strerror(number));
    }
    if (fd >= 0)
        close(fd);
    return 0;
}

static int
check_files(const char *path, struct fb_error *err)
{
    static const char *const beside[] = {"-wal", "-shm", "-journal"};

    for (size_t i = 0; i < ARRAY_SIZE(beside); i++) {
        AUTO_FREE char *name = mem_printf("%s%s", path, beside[i]);

        if (check_file(name, false, err) != 0)
            return -1;
    }
    return check_file(path, true, err);
}

static int
open_database(struct store *store, struct fb_error *err)
{
    int rc;

    if (check_files(store->path, err) != 0)
        return -1;
    rc = sqlite3_open_v2(store->path, &store->db,
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                             SQLITE_OPEN_NOFOLLOW,
                         NULL);
    if (rc != SQLITE_OK)
        return fail_sqlite(store, rc, "open", err);
    if (configure(store, err) != 0)
        return -1;
    return migrate(store, err);
}

int
store_open(struct store *store, const char *path, const char *const *sql,
           struct fb_error *err)
{
    assert(*path == '/');
    memset(store, 0, sizeof(*store));
    store->path = mem_strdup(path);
    store->sql = sql;
    if (open_database(store, err) == 0)
        return 0;
    store_close(store);
    return -1;
}

/* As check_file, for what another user may own. */
static int
check_readable(const char *path, struct fb_error *err)
{
    struct stat st;

    if (lstat(path, &st) != 0) {
        int number = errno;

        fb_fail(err, error_code_of_errno(number, false),
                "cannot read the ledger '%s': %s", path, strerror(number));
        return number == ENOENT ? fb_hint(err, "the first run makes it") : -1;
    }
    if (!S_ISREG(st.st_mode) || (st.st_mode & 022) != 0)
        return fb_fail(err, FB_E_PERMISSION,
                       "cannot use the ledger '%s': it must be a regular file "
                       "that only its owner may write to",
                       path);
    return 0;
}

static int
check_same_version(struct store *store, struct fb_error *err)
{
    int64_t version;

    if (check_version(store, &version, err) != 0)
        return -1;
    if (version == SCHEMA_VERSION)
        return 0;
    fb_fail(err, FB_E_UNAVAILABLE,
            "cannot read the ledger '%s': it has version %lld, and this "
            "program reads version %d",
            store->path, (long long)version, SCHEMA_VERSION);
    return fb_hint(err, "the next run brings it up to date");
}

static int
open_to_read(struct store *store, struct fb_error *err)
{
    int rc;

    if (check_readable(store->path, err) != 0)
        return -1;
    rc = sqlite3_open_v2(store->path, &store->db,
                         SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX |
                             SQLITE_OPEN_NOFOLLOW,
                         NULL);
    if (rc != SQLITE_OK)
        return fail_sqlite(store, rc, "open", err);
    distrust(store);
    rc = sqlite3_exec(store->db, "PRAGMA cell_size_check = ON", NULL, NULL,
                      NULL);
    if (rc != SQLITE_OK)
        return fail_sqlite(store, rc, "read", err);
    return check_same_version(store, err);
}

int
store_open_reader(struct store *store, const char *path, const char *const *sql,
                  struct fb_error *err)
{
    assert(*path == '/');
    memset(store, 0, sizeof(*store));
    store->path = mem_strdup(path);
    store->sql = sql;
    store->reading = true;
    if (open_to_read(store, err) == 0)
        return 0;
    store_close(store);
    return -1;
}

void
store_close(struct store *store)
{
    for (int i = 0; i < STORE_STATEMENTS_MAX; i++)
        sqlite3_finalize(store->prepared[i]);
    if (sqlite3_close(store->db) != SQLITE_OK)
        assert(!"a statement was not finalised");
    free(store->path);
    memset(store, 0, sizeof(*store));
}

int
store_lazy(struct store *store, bool lazy, struct fb_error *err)
{
    assert(sqlite3_get_autocommit(store->db));
    /* Without a log a commit that is not synced could damage what is there. */
    if (store->lazy == lazy || !store->log)
        return 0;
    if (exec(store,
             lazy ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL",
             err) != 0)
        return -1;
    store->lazy = lazy;
    return 0;
}

int
store_begin(struct store *store, struct fb_error *err)
{
    assert(!store->reading);
    /* Not deferred: a reader that wants to write later may fail at once. */
    return exec(store, "BEGIN IMMEDIATE", err);
}

int
store_commit(struct store *store, struct fb_error *err)
{
    int rc = sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);

    if (rc == SQLITE_OK)
        return 0;
    fail_sqlite(store, rc, "write", err);
    store_rollback(store);
    return -1;
}

void
store_rollback(struct store *store)
{
    /* Some errors (a full disk) have rolled back already. */
    if (!sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    assert(sqlite3_get_autocommit(store->db));
}

int
store_compact(struct store *store, struct fb_error *err)
{
    assert(!store->reading && sqlite3_get_autocommit(store->db));
    return exec(store, "VACUUM", err);
}

struct query
query_start(struct store *store, int statement)
{
    struct query query = {.store = store, .rc = SQLITE_OK};

    assert(statement >= 0 && statement < STORE_STATEMENTS_MAX);
    if (store->prepared[statement] == NULL)
        query.rc = sqlite3_prepare_v3(store->db, store->sql[statement], -1,
                                      SQLITE_PREPARE_PERSISTENT,
                                      &store->prepared[statement], NULL);
    query.statement = store->prepared[statement];
    assert(query.statement == NULL || !sqlite3_stmt_busy(query.statement));
    return query;
}

void
query_text(struct query *query, const char *text)
{
    if (query->rc == SQLITE_OK)
        query->rc = sqlite3_bind_text(query->statement, ++query->bound, text,
                                      -1, SQLITE_STATIC);
}

void
query_int(struct query *query, int64_t number)
{
    if (query->rc == SQLITE_OK)
        query->rc =
            sqlite3_bind_int64(query->statement, ++query->bound, number);
}

int
query_row(struct query *query, bool *row, struct fb_error *err)
{
    *row = false;
    if (query->rc == SQLITE_OK) {
        assert(query->bound == sqlite3_bind_parameter_count(query->statement));
        query->rc = sqlite3_step(query->statement);
    }
    if (query->rc == SQLITE_ROW) {
        query->rc = SQLITE_OK;
        *row = true;
        return 0;
    }
    if (query->rc == SQLITE_DONE)
        return 0;
    return fail_sqlite(query->store, query->rc,
                       query->statement != NULL &&
                               sqlite3_stmt_readonly(query->statement)
                           ? "read"
                           : "write",
                       err);
}

int
query_run(struct query *query, int64_t *changed, struct fb_error *err)
{
    bool row;

    if (query_row(query, &row, err) != 0)
        return -1;
    assert(!row);
    if (changed != NULL)
        *changed = sqlite3_changes64(query->store->db);
    return 0;
}

void
query_end(struct query *query)
{
    /* The error that reset repeats was told by query_row. */
    if (query->statement != NULL) {
        (void)sqlite3_reset(query->statement);
        (void)sqlite3_clear_bindings(query->statement);
    }
}
