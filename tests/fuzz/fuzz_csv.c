/* tests/fuzz/fuzz_csv.c - CSV files: a task's table of data, and a network. */
#include "config.h"

#include "protocol/csv.h"
#include "sim_backend/network.h"
#include "tests/fuzz/fuzz.h"

static void read_table(const uint8_t *data, size_t size)
{
	struct problem p = {0};
	json_t *table = NULL;
	char path[32];
	int fd = fuzz_file(data, size, path);

	if (csv_read(path, &table, &p) == 0) {
		FUZZ_MUST(json_array_size(json_object_get(table, "rows")) > 0);
		json_decref(table);
	}
	problem_clear(&p);
	close(fd);
}

static void read_network(const uint8_t *data, size_t size)
{
	struct network *net = NULL;
	struct network_error err = {""};

	if (network_parse("network", (const char *)data, size, &net, &err) < 0) {
		FUZZ_MUST(err.text[0]);
		return;
	}
	for (size_t j = 0; j < net->n_edges; j++)
		FUZZ_MUST(net->a[j] < net->n_nodes && net->b[j] < net->n_nodes);
	network_free(net);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_table(data, size);
	read_network(data, size);
	return 0;
}
