/* tests/fuzz/fuzz_keys.c - files of keys: who may come in, how that list is changed, and a pair of keys. */
#include "config.h"

#include <sys/stat.h>

#include "daemon/authorized_keys.h"
#include "tests/fuzz/fuzz.h"

#define MOST_KEYS 16
#define KEY       "0000000000000000000000000000000000000000"

static void read_pair(const uint8_t *data, size_t size)
{
	struct problem p = {0};
	struct key_pair pair;
	char path[32];
	int fd = fuzz_file(data, size, path);

	FUZZ_MUST(fchmod(fd, 0600) == 0);
	for (int need_secret = 0; need_secret < 2; need_secret++) {
		if (key_file_read(path, need_secret, &pair, &p) < 0) {
			FUZZ_MUST(p.message[0]);
			problem_clear(&p);
			continue;
		}
		FUZZ_MUST(key_is_valid(pair.public_key));
		FUZZ_MUST(!need_secret || strlen(pair.secret_key) == KEY_CHARS);
	}
	close(fd);
}

static void write_list(const char *file, const uint8_t *data, size_t size)
{
	FILE *f = fopen(file, "we");

	FUZZ_MUST(f && fwrite(data, 1, size, f) == size && fclose(f) == 0);
	FUZZ_MUST(chmod(file, 0600) == 0);
}

/* All of before, in its order, but for the one at `gone` */
static void must_be_without(const struct authorized_keys *before, size_t gone, const char *file)
{
	struct authorized_keys after = {0};
	struct problem p = {0};

	FUZZ_MUST(authorized_keys_read(file, &after, &p) == 0);
	FUZZ_MUST(after.n == before->n - (gone < before->n));
	for (size_t i = 0, k = 0; i < before->n; i++)
		if (i != gone)
			FUZZ_MUST(!strcmp(after.list[k++].public_key, before->list[i].public_key));
	authorized_keys_clear(&after);
}

/* A list that is good stays good, and the same, when a key comes and goes. */
static void change(const struct authorized_keys *keys, const uint8_t *data, size_t size)
{
	struct authorized_key key = {.public_key = KEY, .name = "fuzz", .role = ROLE_OPERATOR};
	struct problem p = {0};
	char file[64];

	snprintf(file, sizeof(file), "/dev/shm/nudge-fuzz-keys.%ld", (long)getpid());
	write_list(file, data, size);
	if (!authorized_keys_find(keys, KEY) && !authorized_keys_named(keys, "fuzz")) {
		FUZZ_MUST(authorized_keys_add(file, &key, &p) == 0);
		FUZZ_MUST(authorized_keys_add(file, &key, &p) == 0);
		FUZZ_MUST(authorized_keys_remove(file, "fuzz", NULL, &p) == 0);
		must_be_without(keys, keys->n, file);
	}
	if (keys->n > 0) {
		size_t gone = size % keys->n;

		FUZZ_MUST(authorized_keys_remove(file, keys->list[gone].name, &key, &p) == 0);
		FUZZ_MUST(!strcmp(key.name, keys->list[gone].name));
		must_be_without(keys, gone, file);
	}
	unlink(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct authorized_keys keys = {0};
	struct problem p = {0};
	char *text = malloc(size + 1);

	FUZZ_MUST(text);
	memcpy(text, data, size);
	text[size] = '\0';
	if (authorized_keys_parse(text, "keys", &keys, &p) == 0) {
		for (size_t i = 0; i < keys.n; i++)
			FUZZ_MUST(key_is_valid(keys.list[i].public_key) && keys.list[i].name[0]);
		if (keys.n <= MOST_KEYS && strlen(text) == size)
			change(&keys, data, size);
	} else {
		FUZZ_MUST(p.code != 0 && !strncmp(p.message, "keys:", 5) && keys.n == 0);
	}
	authorized_keys_clear(&keys);
	problem_clear(&p);
	free(text);
	read_pair(data, size);
	return 0;
}
