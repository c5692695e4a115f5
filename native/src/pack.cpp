// Packing: a matrix from rows of float32 or bfloat16 into the layout that the kernels stream, and back.
#include <algorithm>

#include "core.h"
#include "team.h"

namespace yq {

static float element(const void *source, int kind, int64_t at) {
    return kind == YQ_BF16 ? bf16_to_float(((const uint16_t *)source)[at]) : ((const float *)source)[at];
}

static int nearest(float x, int low, int high) {
    float r = __builtin_rintf(x);
    return r != r ? 0 : r < float(low) ? low : r > float(high) ? high : int(r);
}

// The scale whose int4 values come nearest to a group, of some that put its largest element between -7 and -9.
static float int4_scale(const float *x, int n) {
    float extreme = 0.0f;
    for (int i = 0; i < n; i++)
        if (__builtin_fabsf(x[i]) > __builtin_fabsf(extreme)) extreme = x[i];
    if (extreme == 0.0f || extreme != extreme) return 0.0f;
    float best = 0.0f, least = __builtin_inff();
    for (int sign = -1; sign <= 1; sign += 2) {
        for (int step = 0; step <= 8; step++) {
            float scale = half_to_float(float_to_half(extreme / (float(sign) * (6.75f + 0.25f * float(step)))));
            if (scale == 0.0f) continue;
            float error = kernels().int4_error(x, n, scale);
            if (error < least) least = error, best = scale;
        }
    }
    return best;
}

static float int8_scale(const float *x, int n) {
    float most = 0.0f;
    for (int i = 0; i < n; i++) most = std::max(most, __builtin_fabsf(x[i]));
    return half_to_float(float_to_half(most / 127.0f));
}

struct Source {  // rows [first, last) of a matrix
    const void *data;
    int kind;
    int64_t first, last, columns;
    float at(int64_t row, int64_t column) const {
        return row < last && column < columns ? element(data, kind, (row - first) * columns + column) : 0.0f;
    }
};

static bool is_grouped(int kind, int group) {
    return is_integer(kind) && group >= 32 && group % 32 == 0;
}

// An integer at its place in a tile; `code` is the value and 128 or 8.
static void put(int kind, uint8_t *data, int r, int64_t column, int code) {
    if (!is_int4(kind)) {
        data[column / 4 * 64 + r * 4 + column % 4] = uint8_t(code);
    } else {
        uint8_t &byte = data[column / 8 * 64 + r * 4 + column % 4];
        byte = column % 8 < 4 ? uint8_t((byte & 0xf0) | code) : uint8_t((byte & 15) | (code << 4));
    }
}

// The four nibbles of 16 bits as the low halves of four bytes.
static uint32_t spread(uint32_t x) {
    x = (x | x << 8) & 0x00ff00ffu;
    return (x | x << 4) & 0x0f0f0f0fu;
}

// Eight columns of a row at once, from a multiple of 8 on.
static void put_eight(int kind, uint8_t *data, int r, int64_t column, const uint8_t *bytes) {
    if (!is_int4(kind)) {
        for (int64_t at = column; at < column + 8; at += 4) memcpy(data + at / 4 * 64 + r * 4, bytes + at, 4);
        return;
    }
    const uint8_t *four = bytes + column / 2;
    uint32_t low = spread(uint32_t(four[0] | four[1] << 8)), high = spread(uint32_t(four[2] | four[3] << 8));
    uint8_t *target = data + column / 8 * 64 + r * 4;
    for (int i = 0; i < 4; i++) target[i] = uint8_t((low | high << 4) >> (8 * i));
}

static void clear(int kind, const Layout &layout, uint8_t *data) {
    memset(data, is_int4(kind) ? 0x88 : 0x80, size_t(layout.tile_bytes));
}

static void pack_grouped(int kind, int group, const Source &source, const Layout &layout, int64_t tile, float *x,
                         uint8_t *target) {
    uint8_t *data = target + tile * layout.tile_bytes;
    int64_t groups = layout.columns / group;
    uint16_t *scales = (uint16_t *)(target + layout.scale_offset) + tile * groups * YQ_TILE;
    const int zero = kind == YQ_INT4 ? 8 : 128, low = -zero, high = zero - 1;
    clear(kind, layout, data);
    for (int r = 0; r < YQ_TILE; r++) {
        int64_t row = tile * YQ_TILE + r;
        for (int64_t g = 0; g < groups; g++) {
            for (int i = 0; i < group; i++) x[i] = source.at(row, g * group + i);
            float scale = kind == YQ_INT4 ? int4_scale(x, group) : int8_scale(x, group);
            scales[g * YQ_TILE + r] = float_to_half(scale);
            float inverse = scale ? 1.0f / scale : 0.0f;
            for (int i = 0; i < group; i++)
                put(kind, data, r, g * group + i, zero + nearest(x[i] * inverse, low, high));
        }
    }
}

static void pack_integers(int kind, int group, int64_t rows, int64_t columns, const uint8_t *source, int64_t row_bytes,
                          const uint16_t *scales, const uint8_t *zeros, const Layout &layout, int64_t tile,
                          uint8_t *target) {
    uint8_t *data = target + tile * layout.tile_bytes;
    int64_t groups = layout.columns / group;
    uint16_t *kept = (uint16_t *)(target + layout.scale_offset) + tile * groups * YQ_TILE;
    uint8_t *kept_zeros = target + layout.zero_offset + tile * groups * YQ_TILE;
    clear(kind, layout, data);
    for (int r = 0; r < YQ_TILE; r++) {
        int64_t row = tile * YQ_TILE + r;
        for (int64_t g = 0; g < groups; g++) kept[g * YQ_TILE + r] = row < rows ? scales[row * groups + g] : 0;
        for (int64_t g = 0; has_zeros(kind) && g < groups; g++)
            kept_zeros[g * YQ_TILE + r] = row < rows ? zeros[row * groups + g] : 0;
        if (row >= rows) continue;
        const uint8_t *bytes = source + row * row_bytes;
        const int64_t whole = columns / 8 * 8;
        for (int64_t column = 0; column < whole; column += 8) put_eight(kind, data, r, column, bytes);
        for (int64_t column = whole; column < columns; column++) {
            int code = !is_int4(kind) ? bytes[column] : column % 2 ? bytes[column / 2] >> 4 : bytes[column / 2] & 15;
            put(kind, data, r, column, code);
        }
    }
}

static void pack_plain(int kind, const Source &source, const Layout &layout, int64_t tile, uint8_t *target) {
    uint8_t *data = target + tile * layout.tile_bytes;
    for (int r = 0; r < YQ_TILE; r++) {
        int64_t row = tile * YQ_TILE + r;
        for (int64_t column = 0; column < layout.columns; column++) {
            float x = source.at(row, column);
            if (kind == YQ_F32)
                ((float *)data)[column * YQ_TILE + r] = x;
            else
                ((uint16_t *)data)[(column / 2 * YQ_TILE + r) * 2 + column % 2] = float_to_bf16(x);
        }
    }
}

static float unpacked(const yq_matrix &matrix, const Layout &layout, int64_t row, int64_t column) {
    int64_t tile = row / YQ_TILE, r = row % YQ_TILE;
    const uint8_t *data = matrix.data + tile * layout.tile_bytes;
    if (matrix.kind == YQ_F32) return ((const float *)data)[column * YQ_TILE + r];
    if (matrix.kind == YQ_BF16)
        return bf16_to_float(((const uint16_t *)data)[(column / 2 * YQ_TILE + r) * 2 + column % 2]);
    const uint16_t *scales = (const uint16_t *)(matrix.data + layout.scale_offset);
    int64_t groups = layout.columns / matrix.group, at = (tile * groups + column / matrix.group) * YQ_TILE + r;
    const float scale = half_to_float(scales[at]);
    const int zero = has_zeros(matrix.kind) ? matrix.data[layout.zero_offset + at] : is_int4(matrix.kind) ? 8 : 128;
    if (!is_int4(matrix.kind)) return scale * float(int(data[column / 4 * 64 + r * 4 + column % 4]) - zero);
    uint8_t byte = data[column / 8 * 64 + r * 4 + column % 4];
    return scale * float(int(column % 8 < 4 ? byte & 15 : byte >> 4) - zero);
}

void unpack_row(const yq_matrix &matrix, const Layout &layout, int64_t row, float *target) {
    for (int64_t column = 0; column < matrix.columns; column++) target[column] = unpacked(matrix, layout, row, column);
}

}  // namespace yq

extern "C" {

size_t yq_packed_bytes(int kind, int64_t rows, int64_t columns, int group) {
    return size_t(yq::Layout(kind, rows, columns, group).total);
}

int yq_pack(yq_team *team, int kind, int group, int64_t rows, int64_t columns, int64_t first, int64_t count,
            const void *source, int source_kind, uint8_t *target) {
    const bool plain = kind == YQ_F32 || kind == YQ_BF16, grouped = yq::is_grouped(kind, group) && !yq::has_zeros(kind);
    if ((!plain && !grouped) || rows < 1 || columns < 1 || source_kind < YQ_F32 || source_kind > YQ_BF16 || first < 0 || first % YQ_TILE || count < 1 || first + count > rows ||
        (count % YQ_TILE && first + count < rows))
        return -1;
    yq::Layout layout(kind, rows, columns, group);
    yq::Source given{source, source_kind, first, first + count, columns};
    return yq::status_of([&] {
        std::vector<float> groups(grouped ? size_t(group) * size_t(team->team.size()) : 0);  // one for each thread
        team->team.run([&](int index) {
            int64_t low, high;
            yq::share((count + YQ_TILE - 1) / YQ_TILE, index, team->team.size(), low, high);
            for (int64_t tile = first / YQ_TILE + low; tile < first / YQ_TILE + high; tile++) {
                if (grouped)
                    yq::pack_grouped(kind, group, given, layout, tile, groups.data() + int64_t(index) * group, target);
                else
                    yq::pack_plain(kind, given, layout, tile, target);
            }
        });
    });
}

int yq_pack_groups(yq_team *team, int kind, int group, int64_t rows, int64_t columns, const uint8_t *source,
                   int64_t row_bytes, const uint16_t *scales, const uint8_t *zeros, uint8_t *target) {
    if (!yq::is_grouped(kind, group) || rows < 1 || columns < 1 || (yq::has_zeros(kind) && !zeros)) return -1;
    yq::Layout layout(kind, rows, columns, group);
    return yq::status_of([&] {
        team->team.run([&](int index) {
            int64_t first, last;
            yq::share(layout.tiles, index, team->team.size(), first, last);
            for (int64_t tile = first; tile < last; tile++)
                yq::pack_integers(kind, group, rows, columns, source, row_bytes, scales, zeros, layout, tile, target);
        });
    });
}

uint64_t yq_checksum(const uint8_t *data, size_t size) {
    // Four chains of words. Each link is a bijection of the sum and of the word, so no change of one word is lost; the
    // shift between two products spreads a change to all bits, so that others hardly undo it.
    uint64_t chain[4] = {1, 2, 3, 4}, word;
    auto mix = [](uint64_t sum, uint64_t x) {
        sum = (sum ^ x) * 0x9e3779b97f4a7c15u;
        return (sum ^ sum >> 32) * 0xd6e8feb86659fd93u;
    };
    size_t at = 0;
    for (; at + 32 <= size; at += 32)
        for (size_t i = 0; i < 4; i++) memcpy(&word, data + at + 8 * i, 8), chain[i] = mix(chain[i], word);
    for (; at < size; at++) chain[0] = mix(chain[0], data[at]);
    uint64_t all = size;
    for (uint64_t one : chain) all = mix(all, one);
    return all;
}

void yq_unpack(const yq_matrix *matrix, int64_t first, int64_t count, float *target) {
    yq::Layout layout(matrix->kind, matrix->rows, matrix->columns, matrix->group);
    for (int64_t i = 0; i < count; i++) yq::unpack_row(*matrix, layout, first + i, target + i * matrix->columns);
}
}
