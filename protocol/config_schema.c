/* protocol/config_schema.c - what the daemon's configuration file may say. */
#include "config.h"

#include <math.h>

#include "protocol/files.h"
#include "protocol/values.h"

static const struct schema_member endpoints_members[] = {
	{"control", &value_name, .help = "Requests; else RUNTIME/control.sock by ipc."},
	{"urgent", &value_name,
	 .help = "run.abort, rig.safe, server.ping; else RUNTIME/urgent.sock."},
	{"stream", &value_name,
	 .help = "Measurements, events, heartbeat; else RUNTIME/stream.sock."},
	{0},
};
static const struct schema endpoints = {.type = SCHEMA_OBJECT, .members = endpoints_members};

static const char *const level_words[] = {"error", "warning", "notice", "info", "debug", NULL};
static const struct schema level = {.type = SCHEMA_WORD, .words = level_words};
static const struct schema readers = {.type = SCHEMA_INTEGER, .min = 1, .max = 16};

static const struct schema reserve = {.type = SCHEMA_NUMBER, .unit = "B", .max = INFINITY};

static const struct schema age = {
	.type = SCHEMA_NUMBER, .unit = "d", .above_min = true, .max = INFINITY};

static const char *const observer_words[] = {"group", "anybody", NULL};
static const struct schema observer = {.type = SCHEMA_WORD, .words = observer_words};
static const struct schema_member roles_members[] = {
	{"admin_group", &value_name, .fallback = "\"nudged-admin\"",
	 .help = "Its members are admins; so are root and the daemon's own user."},
	{"operator_group", &value_name, .fallback = "\"nudged\"",
	 .help = "Its members are operators; the ipc sockets are given to it."},
	{"observer", &observer, .fallback = "\"group\"",
	 .help = "Whom the ipc sockets let in: operator_group, or anybody; others are observers."},
	{0},
};
static const struct schema roles = {.type = SCHEMA_OBJECT, .members = roles_members};

static const struct schema_member config_members[] = {
	{"rig", &value_name, .help = "A rig file, relative to this one, or sim:NAME."},
	{"store", &value_name, .help = "The database's file, relative to this one."},
	{"store_reserve_B", &reserve, .fallback = "268435456",
	 .help = "A run pauses when the database's disk has less left than this."},
	{"calibration_max_age_d", &age,
	 .help = "Days after which a run whose p goes by an older calibration is refused; without: any age."},
	{"runtime", &value_name, .help = "Directory of the sockets."},
	{"endpoints", &endpoints, .fallback = "{}",
	 .help = "Sockets elsewhere, as ZeroMQ writes them."},
	{"tcp", &value_name,
	 .help = "HOST:PORT for requests also over TCP; urgent is at PORT + 1, stream at PORT + 2."},
	{"key", &value_name,
	 .help = "The server's key, relative to this file: CURVE on every TCP socket."},
	{"authorized_keys", &value_name,
	 .help = "Who may come in over TCP; else the file of this name beside the database."},
	{"insecure", &value_bool, .fallback = "false",
	 .help = "TCP without a key: whoever reaches the port is an operator."},
	{"roles", &roles, .fallback = "{}", .help = "Who may do what on this machine."},
	{"log_level", &level, .fallback = "\"notice\"", .help = "Least important lines to log."},
	{"readers", &readers, .fallback = "2", .help = "Threads that answer history queries."},
	{"require_lease", &value_bool, .fallback = "false",
	 .help = "What steers the rig needs the lease even while nobody holds it."},
	{0},
};
const struct schema schema_config = {.type = SCHEMA_OBJECT, .members = config_members};
