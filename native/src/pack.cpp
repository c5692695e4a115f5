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

static float error_of(const float *x, int n, float scale) {
    float inverse = 1.0f / scale, sum = 0.0f;
    for (int i = 0; i < n; i++) {
        float off = x[i] - scale * float(nearest(x[i] * inverse, -8, 7));
        sum += off * off;
    }
    return sum;
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
            float error = error_of(x, n, scale);
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

static void pack_grouped(int kind, int group, int64_t rows, int64_t columns, const void *source, int source_kind,
                         const Layout &layout, int64_t tile, uint8_t *target) {
    uint8_t *data = target + tile * layout.tile_bytes;
    int64_t groups = layout.columns / group;
    uint16_t *scales = (uint16_t *)(target + layout.scale_offset) + tile * groups * YQ_TILE;
    const int low = kind == YQ_INT4 ? -8 : -128, high = kind == YQ_INT4 ? 7 : 127;
    memset(data, kind == YQ_INT4 ? 0x88 : 0x80, size_t(layout.tile_bytes));
    std::vector<float> x(static_cast<size_t>(group));
    for (int r = 0; r < YQ_TILE; r++) {
        int64_t row = tile * YQ_TILE + r;
        for (int64_t g = 0; g < groups; g++) {
            for (int i = 0; i < group; i++) {
                int64_t column = g * group + i;
                x[size_t(i)] = row < rows && column < columns ? element(source, source_kind, row * columns + column) : 0;
            }
            float scale = kind == YQ_INT4 ? int4_scale(x.data(), group) : int8_scale(x.data(), group);
            scales[g * YQ_TILE + r] = float_to_half(scale);
            float inverse = scale ? 1.0f / scale : 0.0f;
            for (int i = 0; i < group; i++) {
                int value = nearest(x[size_t(i)] * inverse, low, high);
                int64_t column = g * group + i;
                if (kind == YQ_INT8) {
                    data[column / 4 * 64 + r * 4 + column % 4] = uint8_t(value + 128);
                } else {
                    uint8_t &byte = data[column / 8 * 64 + r * 4 + column % 4];
                    byte = column % 8 < 4 ? uint8_t((byte & 0xf0) | (value + 8)) : uint8_t((byte & 15) | ((value + 8) << 4));
                }
            }
        }
    }
}

static void pack_plain(int kind, int64_t rows, int64_t columns, const void *source, int source_kind,
                       const Layout &layout, int64_t tile, uint8_t *target) {
    uint8_t *data = target + tile * layout.tile_bytes;
    for (int r = 0; r < YQ_TILE; r++) {
        int64_t row = tile * YQ_TILE + r;
        for (int64_t column = 0; column < layout.columns; column++) {
            float x = row < rows && column < columns ? element(source, source_kind, row * columns + column) : 0.0f;
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
    int64_t groups = layout.columns / matrix.group;
    float scale = half_to_float(scales[(tile * groups + column / matrix.group) * YQ_TILE + r]);
    if (matrix.kind == YQ_INT8) return scale * float(int(data[column / 4 * 64 + r * 4 + column % 4]) - 128);
    uint8_t byte = data[column / 8 * 64 + r * 4 + column % 4];
    return scale * float(int(column % 8 < 4 ? byte & 15 : byte >> 4) - 8);
}

void unpack_row(const yq_matrix &matrix, const Layout &layout, int64_t row, float *target) {
    for (int64_t column = 0; column < matrix.columns; column++) target[column] = unpacked(matrix, layout, row, column);
}

}  // namespace yq

extern "C" {

size_t yq_packed_bytes(int kind, int64_t rows, int64_t columns, int group) {
    return size_t(yq::Layout(kind, rows, columns, group).total);
}

int yq_pack(yq_team *team, int kind, int group, int64_t rows, int64_t columns, const void *source, int source_kind,
            uint8_t *target) {
    bool grouped = kind == YQ_INT8 || kind == YQ_INT4;
    if (kind < YQ_F32 || kind > YQ_INT4 || rows < 1 || columns < 1 || source_kind < YQ_F32 || source_kind > YQ_BF16 ||
        (grouped && (group < 32 || group % 32)))
        return -1;
    yq::Layout layout(kind, rows, columns, group);
    team->team.run([&](int index) {
        int64_t first, last;
        yq::share(layout.tiles, index, team->team.size(), first, last);
        for (int64_t tile = first; tile < last; tile++) {
            if (grouped)
                yq::pack_grouped(kind, group, rows, columns, source, source_kind, layout, tile, target);
            else
                yq::pack_plain(kind, rows, columns, source, source_kind, layout, tile, target);
        }
    });
    return 0;
}

void yq_unpack(const yq_matrix *matrix, int64_t first, int64_t count, float *target) {
    yq::Layout layout(matrix->kind, matrix->rows, matrix->columns, matrix->group);
    for (int64_t i = 0; i < count; i++) yq::unpack_row(*matrix, layout, first + i, target + i * matrix->columns);
}
}
