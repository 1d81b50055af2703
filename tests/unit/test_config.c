/* tests/unit/test_config.c - defaults, file and options, each over the one before. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/options.h"
#include "tests/check.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static int parse(int argc, char **argv, struct options *options, struct settings *settings,
		 struct problem *p)
{
	*settings = (struct settings){0};
	*p = (struct problem){0};
	return options_parse(argc, argv, options, settings, p);
}

#define PARSE(...)                                                                                 \
	parse(COUNT(((char *[]){"nudged", __VA_ARGS__})), (char *[]){"nudged", __VA_ARGS__, NULL}, \
	      &options, &settings, &p)

static int clean_environment(void **state)
{
	(void)state;
	setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
	setenv("XDG_DATA_HOME", "/home/ann/data", 1);
	setenv("HOME", "/home/ann", 1);
	return 0;
}

static void a_user_gets_what_is_the_users(void **state)
{
	struct options options;
	struct settings settings;
	struct problem p;

	(void)state;
	assert_int_equal(PARSE("--user"), 0);
	assert_int_equal(options.action, OPTIONS_SERVE);
	assert_string_equal(settings.db, "/home/ann/data/nudged/nudged.db");
	assert_string_equal(settings.endpoints.control, "ipc:///run/user/7/nudged/control.sock");
	assert_string_equal(settings.endpoints.urgent, "ipc:///run/user/7/nudged/urgent.sock");
	assert_string_equal(settings.endpoints.stream, "ipc:///run/user/7/nudged/stream.sock");
	settings_clear(&settings);
	unsetenv("XDG_RUNTIME_DIR");
	unsetenv("XDG_DATA_HOME");
	assert_int_equal(PARSE("--user"), 0);
	assert_string_equal(settings.db, "/home/ann/.local/share/nudged/nudged.db");
	assert_memory_equal(settings.runtime, "/tmp/nudged-", 12);
	settings_clear(&settings);
}

static void once_has_options_that_nothing_else_has(void **state)
{
	struct options options;
	struct settings settings;
	struct problem p;

	(void)state;
	assert_int_equal(PARSE("--once", "t.yaml", "--seed", "18446744073709551615", "--tag", "a",
			       "--tag", "b c", "--name", "n", "--json", "--quiet"),
			 0);
	assert_int_equal(options.action, OPTIONS_ONCE);
	assert_true(options.once.seed_given && options.once.seed == UINT64_MAX);
	assert_int_equal(options.once.n_tags, 2);
	assert_string_equal(options.once.tags[1], "b c");
	assert_string_equal(options.once.name, "n");
	assert_true(options.once.json && options.once.quiet);
	settings_clear(&settings);
	assert_int_equal(PARSE("--seed", "1"), -1);
	assert_non_null(strstr(p.message, "--once"));
	settings_clear(&settings);
	assert_int_equal(PARSE("--once", "t.yaml", "--seed", "-1"), -1);
	assert_non_null(strstr(p.message, "--seed -1"));
	settings_clear(&settings);
}

static void probe_takes_a_device_and_a_driver(void **state)
{
	struct options options;
	struct settings settings;
	struct problem p;

	(void)state;
	assert_int_equal(PARSE("--probe", "/dev/comedi0,/dev/comedi1"), 0);
	assert_int_equal(options.action, OPTIONS_PROBE);
	assert_string_equal(options.probe_device, "/dev/comedi0,/dev/comedi1");
	assert_null(options.probe_driver);
	settings_clear(&settings);
	assert_int_equal(PARSE("--driver", "loopback", "--probe", "none"), 0);
	assert_string_equal(options.probe_driver, "loopback");
	settings_clear(&settings);
	assert_int_equal(PARSE("--driver", "loopback"), -1);
	assert_non_null(strstr(p.message, "--probe"));
	problem_clear(&p);
	settings_clear(&settings);
}

static char *write_file(const char *text)
{
	char *name = strdup("config-XXXXXX.yaml");
	int fd = mkstemps(name, 5);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	return name;
}

static void the_file_counts_more_than_defaults_and_less_than_options(void **state)
{
	char *file = write_file("rig: bench.yaml\n"
				"store: /data/lab.db\n"
				"runtime: /run/lab\n"
				"endpoints: {stream: 'tcp://127.0.0.1:7312'}\n"
				"log_level: debug\n"
				"readers: 4\n"
				"require_lease: true\n"
				"insecure: true\n");
	struct options options;
	struct settings settings;
	struct problem p;

	(void)state;
	assert_int_equal(PARSE("--db", "/tmp/other.db", "--config", file), 0);
	assert_string_equal(settings.rig, "./bench.yaml"); /* relative to the file */
	assert_string_equal(settings.db, "/tmp/other.db");
	assert_string_equal(settings.endpoints.control, "ipc:///run/lab/control.sock");
	assert_string_equal(settings.endpoints.stream, "tcp://127.0.0.1:7312");
	assert_int_equal(settings.log_level, LOG_DEBUG_);
	assert_int_equal(settings.readers, 4);
	assert_true(settings.require_lease);
	settings_clear(&settings);
	unlink(file);
	free(file);
}

static void a_wrong_file_is_refused_with_its_line(void **state)
{
	char *file = write_file("rig: sim:divider2\nstoer: x.db\n");
	struct options options;
	struct settings settings;
	struct problem p;
	char want[64];

	(void)state;
	assert_int_equal(PARSE("--config", file), -1);
	snprintf(want, sizeof(want), "%s:2:", file);
	assert_non_null(strstr(p.message, want));
	assert_non_null(strstr(p.message, "stoer"));
	problem_clear(&p);
	settings_clear(&settings);
	unlink(file);
	free(file);
}

static void assert_names(const struct problem *p, const char *culprit)
{
	if (!strstr(p->message, culprit))
		fail_msg("\"%s\" does not name %s", p->message, culprit);
}

static void wrong_options_are_named(void **state)
{
	struct options options;
	struct settings settings;
	struct problem p;

	(void)state;
	assert_int_equal(PARSE("--frob"), -1);
	assert_names(&p, "--frob");
	settings_clear(&settings);
	assert_int_equal(PARSE("--rug"), -1);
	assert_names(&p, "--rug is no option of nudged; did you mean --rig?");
	settings_clear(&settings);
	assert_int_equal(PARSE("--db"), -1);
	assert_names(&p, "--db");
	settings_clear(&settings);
	assert_int_equal(PARSE("--log-level", "loud"), -1);
	assert_names(&p, "loud");
	settings_clear(&settings);
	assert_int_equal(PARSE("--user", "--config", "x.yaml"), -1);
	assert_names(&p, "--config");
	settings_clear(&settings);
	assert_int_equal(PARSE("task.yaml"), -1);
	assert_names(&p, "task.yaml");
	settings_clear(&settings);
}

static void sockets_that_cannot_be_bound_are_refused(void **state)
{
	struct options options;
	struct settings settings;
	struct problem p;
	char longest[120];

	(void)state;
	/* "/control.sock" makes it 107 bytes, which is the most, and 108 */
	memset(longest, 'x', sizeof(longest));
	longest[0] = '/';
	longest[107 - 13] = '\0';
	assert_int_equal(PARSE("--runtime", longest), 0);
	settings_clear(&settings);
	memset(longest, 'x', sizeof(longest));
	longest[0] = '/';
	longest[108 - 13] = '\0';
	assert_int_equal(PARSE("--runtime", longest), -1);
	assert_names(&p, "107");
	settings_clear(&settings);
}

static void tcp_takes_a_key_or_the_word_insecure(void **state)
{
	static const struct {
		const char *address;
		int r;
	} cases[] = {
		{"tcp://127.0.0.1:7310", 0}, {"tcp://[::1]:7310", 0},    {"tcp://*:7310", 0},
		{"tcp://0.0.0.0:7310", 0},   {"tcp://10.0.0.7:7310", 0}, {"udp://127.0.0.1:1", -1},
		{"tcp://127.evil.org:1", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct settings settings = {0};
		struct problem p = {0};

		assert_int_equal(settings_user(&settings, &p), 0);
		assert_int_equal(
			settings_replace(&settings.endpoints.control, cases[i].address, &p), 0);
		if (settings_finish(&settings, &p) != -1)
			fail_msg("%s: %s", cases[i].address, p.message);
		settings.insecure = true;
		if (settings_finish(&settings, &p) != cases[i].r)
			fail_msg("%s: %s", cases[i].address, p.message);
		settings_clear(&settings);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_user_gets_what_is_the_users, clean_environment),
		cmocka_unit_test_setup(once_has_options_that_nothing_else_has, clean_environment),
		cmocka_unit_test_setup(probe_takes_a_device_and_a_driver, clean_environment),
		cmocka_unit_test_setup(the_file_counts_more_than_defaults_and_less_than_options,
				       clean_environment),
		cmocka_unit_test_setup(a_wrong_file_is_refused_with_its_line, clean_environment),
		cmocka_unit_test_setup(wrong_options_are_named, clean_environment),
		cmocka_unit_test_setup(sockets_that_cannot_be_bound_are_refused, clean_environment),
		cmocka_unit_test_setup(tcp_takes_a_key_or_the_word_insecure, clean_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
