/* tests/unit/test_authorized_keys.c - who may come in, and which role each method takes. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/authorized_keys.h"
#include "protocol/methods.h"
#include "tests/check.h"

/* Keys that libzmq's manual shows. */
#define ANN "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
#define BOB "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

static void reads_keys_names_roles_and_comments(void **state)
{
	struct authorized_keys keys;
	struct problem p = {0};

	(void)state;
	assert_int_equal(authorized_keys_parse("# lab\n\n" ANN " ann observer\n  " BOB
					       "\tbob@pc-7 admin",
					       "f", &keys, &p),
			 0);
	assert_int_equal(keys.n, 2);
	assert_string_equal(authorized_keys_find(&keys, BOB)->name, "bob@pc-7");
	assert_int_equal(authorized_keys_named(&keys, "ann")->role, ROLE_OBSERVER);
	assert_null(authorized_keys_named(&keys, "eve"));
	authorized_keys_clear(&keys);
}

static void tells_the_line_that_is_wrong(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"# x\n" ANN " ann\n", "f:2: "},
		{ANN " ann operator now\n", "f:1: "},
		{ANN " ann boss\n", "\"boss\" is no role"},
		{ANN " a/b admin\n", "is no name"},
		{"Yne@ ann admin\n", "is no public key"},
		{"##################################00000# a admin\nx\n", "f:2: "},
		{"########################################0 a admin\nx\n", "f:2: "},
		{ANN " ann admin\n" ANN " bob admin\n", "f:2: the key of bob"},
		{ANN " ann admin\n" BOB " ann admin\n", "f:2: ann has a key"},
		{"%%%%%#############################0000000 a admin\n", "f:1: "}, /* above 2^32 */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct authorized_keys keys = {0};
		struct problem p = {0};

		assert_int_equal(authorized_keys_parse(cases[i].text, "f", &keys, &p), -1);
		if (!strstr(p.message, cases[i].says))
			fail_msg("%zu: %s", i, p.message);
		assert_int_equal(keys.n, 0);
	}
}

static void revokes_a_line_that_begins_with_any_blank(void **state)
{
	static const char blanks[] = " \t\r\v\f";

	(void)state;
	for (size_t i = 0; blanks[i]; i++) {
		char file[] = "/tmp/nudge-keys-XXXXXX", line[200];
		struct authorized_keys keys = {0};
		struct problem p = {0};
		int fd = mkstemp(file);
		int n = snprintf(line, sizeof(line), "%c" ANN " ann admin\n", blanks[i]);

		assert_true(fd >= 0 && write(fd, line, (size_t)n) == n);
		close(fd);
		assert_int_equal(authorized_keys_remove(file, "ann", NULL, &p), 0);
		assert_int_equal(authorized_keys_read(file, &keys, &p), 0);
		assert_int_equal(keys.n, 0);
		unlink(file);
	}
}

/* Written by hand, apart from the flags in methods.def. */
static void every_method_takes_its_role(void **state)
{
	static const char reads[] =
		" server.hello server.ping rpc.discover state.snapshot param.get task.check run.get "
		"run.wait queue.list rig.describe rig.read rig.wiring history.runs history.run "
		"history.steps history.events stream.fetch calibrate.list calibrate.get audit.list "
		"alarm.list checkpoint.list run.check history.du ";
	static const char admins[] = " key.add key.list key.revoke ";

	(void)state;
	for (int i = 0; i < N_METHODS; i++) {
		const struct method *method = method_get((enum method_id)i);
		enum role want = ROLE_OPERATOR;
		char word[80];

		snprintf(word, sizeof(word), " %s ", method->name);
		if (strstr(reads, word))
			want = ROLE_OBSERVER;
		if (strstr(admins, word))
			want = ROLE_ADMIN;
		if (method_role(method) != want)
			fail_msg("%s takes %s", method->name, role_word(method_role(method)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_keys_names_roles_and_comments),
		cmocka_unit_test(tells_the_line_that_is_wrong),
		cmocka_unit_test(revokes_a_line_that_begins_with_any_blank),
		cmocka_unit_test(every_method_takes_its_role),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
