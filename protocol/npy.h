/* protocol/npy.h - the head of an array's .npy file, version 1.0, as numpy reads and writes it. */
#ifndef PROTOCOL_NPY_H
#define PROTOCOL_NPY_H

#include <stddef.h>
#include <stdint.h>

#define NPY_HEAD_MOST 512 /* bytes; the data begin behind them at a multiple of 64 */

/* The head of an array of rows x columns (columns < 0: of one axis) of this dtype ("<f8", "|S12"); returns its bytes. */
size_t npy_head(const char *dtype, uint64_t rows, int64_t columns, char ret[NPY_HEAD_MOST]);

#endif
