/* clients/nudgectl/reproduce_docs.c - docs/EXPERIMENTS.md, written of the experiments' files and of what came out. */
#include "config.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clients/nudgectl/reproduce.h"

#define MOST_BYTES 100000 /* of a picture in the docs */

static const char *text(const json_t *says, const char *name)
{
	const char *ret = json_string_value(json_object_get(says, name));

	return ret ? ret : "";
}

/* In a cell of a table: no bar, no line break */
static void cell(FILE *out, const char *words)
{
	for (; *words; words++) {
		if (*words == '|')
			putc('\\', out);
		putc(*words == '\n' ? ' ' : *words, out);
	}
}

static void paragraph(FILE *out, const char *heading, const char *words)
{
	size_t n = strlen(words);

	while (n > 0 && words[n - 1] == '\n')
		n--;
	if (n > 0)
		fprintf(out, "%s%.*s\n\n", heading, (int)n, words);
}

static void write_findings(FILE *out, const struct findings *f)
{
	fputs("| found | median or as named (range over seeds) | reference | |\n|--|--|--|--|\n",
	      out);
	for (size_t i = 0; i < f->n; i++) {
		const json_t *reference = json_object_get(f->list[i].says, "reference");
		char *value = finding_text(&f->list[i]);

		fputs("| ", out);
		cell(out, text(f->list[i].says, "what"));
		fprintf(out, " | %s", value ? value : "?");
		if (f->list[i].n_missing)
			fprintf(out, ", %zu of %zu without", f->list[i].n_missing, f->list[i].n);
		fputs(" | ", out);
		if (json_is_number(reference))
			fprintf(out, "%.4g", json_number_value(reference));
		else
			cell(out, text(f->list[i].says, "reference"));
		fprintf(out, " | %s |\n",
			!f->list[i].judged ? ""
			: f->list[i].holds ? "holds"
					   : "does not");
	}
	putc('\n', out);
}

static void write_section(FILE *out, const struct outcome *o)
{
	const char *file = strrchr(o->e->file, '/');

	fprintf(out, "## %d. %s\n\n", o->e->row, experiment_text(o->e, "title"));
	fprintf(out, "`nudgectl reproduce %s`; %s; [%s](experiments/papers/%s)\n\n", o->e->id,
		experiment_text(o->e, "paper"), file ? file + 1 : o->e->file,
		file ? file + 1 : o->e->file);
	if (o->plotted)
		fprintf(out, "![%s](figures/%s.svg)\n\n", experiment_text(o->e, "title"), o->e->id);
	paragraph(out, "**The paper:** ", experiment_text(o->e, "claim"));
	paragraph(out, "**Reference:** ", experiment_text(o->e, "reference"));
	paragraph(out, "**Setting:** ", experiment_text(o->e, "setting"));
	write_findings(out, o->findings);
	fprintf(out, "**Verdict:** %s%s%s. %zu seeds, %zu trials",
		finding_verdict_text(o->findings->verdict), o->findings->why[0] ? ": " : "",
		o->findings->why, o->data->e->seeds, o->data->n);
	if (o->runs)
		fprintf(out, ", %zu runs in %.0f s.\n\n", o->runs, o->seconds);
	else
		fprintf(out, ", those of `%s`.\n\n", o->data->e->id);
	paragraph(out, "", experiment_text(o->e, "about"));
	paragraph(out, "**Left open by the paper:** ", experiment_text(o->e, "open"));
}

/* The commit of the folder that the file is in; "" where there is no git */
static void name_commit(const char *folder, char *ret, size_t size)
{
	char *command = NULL;
	FILE *git;

	ret[0] = '\0';
	if (strchr(folder, '\'') ||
	    asprintf(&command, "git -C '%s' rev-parse --short=12 HEAD 2>/dev/null", folder) < 0)
		return;
	git = popen(command, "r");
	if (git) {
		if (fgets(ret, (int)size, git))
			ret[strcspn(ret, "\n")] = '\0';
		pclose(git);
	}
	free(command);
}

static void write_head(FILE *out, const struct outcome *list, size_t n, const char *folder,
		       bool quick)
{
	char date[32], commit[32];
	time_t now = time(NULL);
	struct tm utc;
	double seconds = 0;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	for (size_t i = 0; i < n; i++)
		seconds += list[i].seconds;
	strftime(date, sizeof(date), "%Y-%m-%d", gmtime_r(&now, &utc));
	name_commit(folder, commit, sizeof(commit));
	fprintf(out,
		"# Experiments\n\n"
		"Every experiment and every simulation of the three papers, run by `nudgectl reproduce` through the daemon's own\n"
		"engine (`nudged --once`), over seeds, and judged by medians and ranges, never by one trajectory. This file is\n"
		"written by `make experiments`; its words come from the files in [experiments/papers](experiments/papers).\n\n"
		"    nudgectl reproduce --list\n"
		"    nudgectl reproduce wycoff-fig4c             # one; CSV, SVG and PNG in reproduced/\n"
		"    nudgectl reproduce --quick all              # minutes\n\n"
		"- date: %s, %.0f s on %ld cores%s\n- commit: %s\n\n",
		date, seconds, cores, quick ? ", --quick" : "", commit[0] ? commit : "not known");
	fputs("\"Orders\" are log10(first error / error); \"scaled\" is over the first error. The reference is an independent\n"
	      "implementation of the same equations, not the papers' figures. [Dillavou 2022] is the laboratory demonstration,\n"
	      "[Wycoff 2022] desynchronous learning, [Stern 2021] learning out of equilibrium.\n\n"
	      "A task of your own: copy one of the task files in [experiments](experiments). `nudgectl check FILE` says whether\n"
	      "the rig can do it, without moving anything; [FILES.md](FILES.md) lists every member.\n\n",
	      out);
	fputs("| row | experiment | paper | claim | verdict | seeds | s |\n|--|--|--|--|--|--|--|\n",
	      out);
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "| %d | `%s` | %s | ", list[i].e->row, list[i].e->id,
			experiment_text(list[i].e, "paper"));
		cell(out, experiment_text(list[i].e, "claim"));
		fprintf(out, " | %s%s", finding_verdict_text(list[i].findings->verdict),
			list[i].findings->why[0] ? ": " : "");
		cell(out, list[i].findings->why);
		fprintf(out, " | %zu | %.0f |\n", list[i].data->e->seeds, list[i].seconds);
	}
	putc('\n', out);
}

static int copy_file(const char *from, const char *to)
{
	FILE *in = fopen(from, "r"), *out = NULL;
	char buffer[4096];
	long copied = 0;
	int r = 0;
	size_t n;

	if (!in || !(out = fopen(to, "w")))
		r = -errno;
	while (r == 0 && (n = fread(buffer, 1, sizeof(buffer), in)) > 0) {
		copied += (long)n;
		if (fwrite(buffer, 1, n, out) != n)
			r = -EIO;
	}
	if (in)
		fclose(in);
	if (out && fclose(out) == EOF)
		r = -errno;
	if (r == 0 && copied > MOST_BYTES)
		fprintf(stderr, "nudgectl: %s is larger than %d bytes\n", to, MOST_BYTES);
	return r;
}

static int copy_picture(const struct outcome *o, const char *folder, const char *out)
{
	char *from = NULL, *to = NULL;
	int r = 0;

	if (!o->plotted)
		return 0;
	if (asprintf(&from, "%s/%s.svg", out, o->e->id) < 0 ||
	    asprintf(&to, "%s/figures/%s.svg", folder, o->e->id) < 0)
		return -ENOMEM;
	r = copy_file(from, to);
	free(from);
	free(to);
	return r;
}

int docs_write(const struct outcome *list, size_t n, const char *file, const char *out, bool quick)
{
	char *copy = strdup(file), *folder = copy ? dirname(copy) : NULL, *figures = NULL;
	FILE *f;
	int r = 0;

	if (!folder || asprintf(&figures, "%s/figures", folder) < 0)
		return say_failed("no memory for the docs");
	if (mkdir(figures, 0777) < 0 && errno != EEXIST)
		r = -errno;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = copy_picture(&list[i], folder, out);
	f = r == 0 ? fopen(file, "w") : NULL;
	if (f) {
		write_head(f, list, n, folder, quick);
		for (size_t i = 0; i < n; i++)
			write_section(f, &list[i]);
		r = ferror(f) | fclose(f) ? -EIO : 0;
	} else if (r == 0) {
		r = -errno;
	}
	free(copy);
	free(figures);
	return r < 0 ? say_failed("%s: %s", file, strerror(-r)) : EXIT_FINE;
}
