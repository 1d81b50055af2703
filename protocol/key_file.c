/* protocol/key_file.c - reads and makes the files of CURVE keys. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/key_file.h"

static const char z85[] =
	"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/* Five characters are a number of 32 bits; the highest that five could write are none. */
static bool group_fits(const char *text)
{
	unsigned long long value = 0;

	for (int i = 0; i < 5; i++) {
		const char *at = text[i] ? strchr(z85, text[i]) : NULL;

		if (!at)
			return false;
		value = value * 85 + (unsigned long long)(at - z85);
	}
	return value <= 0xffffffffull;
}

bool key_is_valid(const char *text)
{
	if (text[0] == '#')
		return false;
	for (int i = 0; i < KEY_CHARS; i += 5)
		if (!group_fits(text + i))
			return false;
	return text[KEY_CHARS] == '\0';
}

/* ---- reading ---- */

static bool is_credential(const char *file)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	size_t n = directory ? strlen(directory) : 0;

	return n > 0 && strncmp(file, directory, n) == 0 && file[n] == '/';
}

static int check_mode(FILE *f, const char *file, struct problem *p)
{
	struct stat st;

	if (fstat(fileno(f), &st) < 0)
		return problem_set(p, PROBLEM_PARAMS, "", "%s: %m", file);
	if ((st.st_mode & 077) == 0 || is_credential(file))
		return 0;
	return problem_set(
		p, PROBLEM_PARAMS, "",
		"%s: a secret key that others can read (mode %04o); chmod 600 %s, and make "
		"a new key if somebody may have",
		file, (unsigned)(st.st_mode & 07777), file);
}

static int take_line(const char *file, unsigned number, char *line, struct key_pair *ret,
		     struct problem *p)
{
	char word[16], key[64], rest[2];
	char *member;

	line += strspn(line, " \t\r\n");
	if (!line[0] || line[0] == '#')
		return 0;
	if (sscanf(line, "%15s %63s %1s", word, key, rest) != 2)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "%s:%u: expected \"public KEY\" or \"secret KEY\"", file,
				   number);
	member = strcmp(word, "public") == 0   ? ret->public_key
		 : strcmp(word, "secret") == 0 ? ret->secret_key
					       : NULL;
	/* the key is not repeated in the message: it may be the secret one */
	if (!member || strlen(key) != KEY_CHARS ||
	    (member == ret->public_key && !key_is_valid(key)))
		return problem_set(p, PROBLEM_PARAMS, "",
				   "%s:%u: expected \"public\" or \"secret\" and %d characters of "
				   "Z85, as nudgectl key new writes them",
				   file, number, KEY_CHARS);
	memcpy(member, key, KEY_CHARS + 1);
	return 0;
}

static int read_lines(FILE *f, const char *file, struct key_pair *ret, struct problem *p)
{
	char line[256];
	unsigned number = 0;
	int r = 0;

	while (r == 0 && fgets(line, sizeof(line), f))
		r = take_line(file, ++number, line, ret, p);
	explicit_bzero(line, sizeof(line));
	return r;
}

int key_file_read(const char *file, bool need_secret, struct key_pair *ret, struct problem *p)
{
	struct key_pair pair = {0};
	FILE *f = fopen(file, "re");
	int r;

	if (!f)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "the key %s cannot be read: %s; nudgectl key new %s makes one",
				   file, strerror(errno), file);
	r = read_lines(f, file, &pair, p);
	if (r == 0 && !pair.public_key[0])
		r = problem_set(p, PROBLEM_PARAMS, "", "%s: no line \"public KEY\"", file);
	if (r == 0 && need_secret && !pair.secret_key[0])
		r = problem_set(p, PROBLEM_PARAMS, "",
				"%s: no line \"secret KEY\"; is it a public key's file?", file);
	if (r == 0 && pair.secret_key[0])
		r = check_mode(f, file, p);
	fclose(f);
	if (r == 0)
		*ret = pair;
	explicit_bzero(&pair, sizeof(pair));
	return r;
}

/* ---- writing ---- */

static int write_one(const char *file, mode_t mode, const char *note, const struct key_pair *pair,
		     bool secret, struct problem *p)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	bool good;

	if (!f)
		return problem_set(p, PROBLEM_PARAMS, "", "%s cannot be made: %s", file,
				   errno == EEXIST
					   ? "it is there already, and a key is not replaced"
					   : strerror(errno));
	fprintf(f, "# %s\npublic %s\n", note, pair->public_key);
	if (secret)
		fprintf(f, "secret %s\n", pair->secret_key);
	good = fflush(f) == 0 && fsync(fd) == 0;
	good = fclose(f) == 0 && good;
	if (good)
		return 0;
	problem_set(p, PROBLEM_PARAMS, "", "%s cannot be written: %m", file);
	unlink(file);
	return -1;
}

int key_file_write(const char *file, const struct key_pair *pair, const char *note,
		   struct problem *p)
{
	char *beside;
	int r;

	if (asprintf(&beside, "%s.pub", file) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for a file's name");
	r = write_one(file, 0600, note, pair, true, p);
	if (r == 0) {
		r = write_one(beside, 0644, note, pair, false, p);
		if (r < 0)
			unlink(file);
	}
	free(beside);
	return r;
}
