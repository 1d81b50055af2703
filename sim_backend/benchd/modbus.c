/* sim_backend/benchd/modbus.c - Modbus frames, and the three functions that a board knows [Modbus application protocol
 * specification V1.1b3; Modbus over serial line V1.02, 6.2.2]. */
#include "config.h"

#include <string.h>

#include "sim_backend/benchd/modbus.h"

enum { READ = 3, WRITE_ONE = 6, WRITE_MANY = 16 };
enum { ILLEGAL_FUNCTION = 1, ILLEGAL_VALUE = 3 };
enum { READ_MOST = 125, WRITE_MOST = 123 };

/* ---- frames ---- */

uint16_t modbus_frame_crc(const uint8_t *bytes, size_t n)
{
	uint16_t crc = 0xFFFF;

	for (size_t i = 0; i < n; i++) {
		crc ^= bytes[i];
		for (int k = 0; k < 8; k++)
			crc = crc & 1 ? (uint16_t)(crc >> 1 ^ 0xA001) : (uint16_t)(crc >> 1);
	}
	return crc;
}

size_t modbus_frame_make(uint8_t address, const uint8_t *pdu, size_t n, uint8_t ret[MODBUS_FRAME])
{
	uint16_t crc;

	ret[0] = address;
	memcpy(ret + 1, pdu, n);
	crc = modbus_frame_crc(ret, n + 1);
	ret[n + 1] = (uint8_t)crc;
	ret[n + 2] = (uint8_t)(crc >> 8);
	return n + 3;
}

size_t modbus_request_length(const uint8_t *frame, size_t n)
{
	if (n < 2)
		return 0;
	if (frame[1] == READ || frame[1] == WRITE_ONE)
		return 8;
	if (frame[1] != WRITE_MANY)
		return MODBUS_BY_SILENCE;
	return n < 7 ? 0 : 9 + (size_t)frame[6];
}

/* ---- functions ---- */

static uint16_t word(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static void put_word(uint8_t *bytes, uint16_t value)
{
	bytes[0] = (uint8_t)(value >> 8);
	bytes[1] = (uint8_t)value;
}

size_t modbus_pdu_exception(uint8_t function, uint8_t code, uint8_t ret[MODBUS_PDU])
{
	ret[0] = function | 0x80;
	ret[1] = code;
	return 2;
}

static size_t refuse(const uint8_t *pdu, int code, uint8_t *ret)
{
	return modbus_pdu_exception(pdu[0], (uint8_t)code, ret);
}

static size_t read_registers(struct world *w, size_t board, const uint8_t *pdu, size_t n,
			     int64_t now_ns, uint8_t *ret)
{
	uint16_t values[READ_MOST], count;
	int code;

	if (n != 5)
		return refuse(pdu, ILLEGAL_VALUE, ret);
	count = word(pdu + 3);
	if (count < 1 || count > READ_MOST)
		return refuse(pdu, ILLEGAL_VALUE, ret);
	code = world_board_read(w, board, word(pdu + 1), count, now_ns, values);
	if (code)
		return refuse(pdu, code, ret);
	ret[0] = READ;
	ret[1] = (uint8_t)(2 * count);
	for (size_t i = 0; i < count; i++)
		put_word(ret + 2 + 2 * i, values[i]);
	return 2 + 2 * (size_t)count;
}

/* 0: the PDU holds *ret_n values for registers from *ret_first on; else an exception's code. */
static int parse_write(const uint8_t *pdu, size_t n, uint16_t *ret_first, uint16_t *ret_n,
		       uint16_t values[WRITE_MOST])
{
	if (n < 5)
		return ILLEGAL_VALUE;
	*ret_first = word(pdu + 1);
	if (pdu[0] == WRITE_ONE) {
		*ret_n = 1;
		values[0] = word(pdu + 3);
		return n == 5 ? 0 : ILLEGAL_VALUE;
	}
	*ret_n = word(pdu + 3);
	if (n < 6 || *ret_n < 1 || *ret_n > WRITE_MOST || pdu[5] != 2 * *ret_n || n != 6u + pdu[5])
		return ILLEGAL_VALUE;
	for (size_t i = 0; i < *ret_n; i++)
		values[i] = word(pdu + 6 + 2 * i);
	return 0;
}

static size_t write_registers(struct world *w, size_t board, const uint8_t *pdu, size_t n,
			      int64_t now_ns, uint8_t *ret)
{
	uint16_t values[WRITE_MOST], first, count;
	int code = parse_write(pdu, n, &first, &count, values);

	if (!code)
		code = world_board_write(w, board, first, count, now_ns, values);
	if (code)
		return refuse(pdu, code, ret);
	memcpy(ret, pdu, 5); /* both functions answer with their first five bytes */
	return 5;
}

size_t modbus_pdu_answer(struct world *w, size_t board, const uint8_t *pdu, size_t n,
			 int64_t now_ns, uint8_t ret[MODBUS_PDU])
{
	switch (pdu[0]) {
	case READ:
		return read_registers(w, board, pdu, n, now_ns, ret);
	case WRITE_ONE:
	case WRITE_MANY:
		return write_registers(w, board, pdu, n, now_ns, ret);
	default:
		return refuse(pdu, ILLEGAL_FUNCTION, ret);
	}
}

void modbus_pdu_broadcast(struct world *w, size_t board, const uint8_t *pdu, size_t n,
			  int64_t now_ns)
{
	uint16_t values[WRITE_MOST], first, count;

	if ((pdu[0] == WRITE_ONE || pdu[0] == WRITE_MANY) &&
	    parse_write(pdu, n, &first, &count, values) == 0)
		world_board_broadcast(w, board, first, count, now_ns, values);
}
