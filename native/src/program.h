// A recorded step as its ops see it: what was prepared of an op, and what a thread knows while it works on it.
#pragma once

#include "core.h"
#include "team.h"

namespace yq {

struct Prepared {
    yq_op op;
    std::vector<Layout> layouts;  // of the op's matrices, or of its experts'
};

// Rows as int8 in groups, owned.
struct QuantisedRows {
    std::vector<int8_t> values;
    std::vector<float> scales;
    std::vector<int32_t> sums;
    void grow(int64_t rows, int64_t columns, int64_t groups) {
        if (int64_t(values.size()) < rows * columns) values.resize(size_t(rows * columns));
        if (int64_t(scales.size()) < rows * groups) scales.resize(size_t(rows * groups));
        if (int64_t(sums.size()) < rows * groups) sums.resize(size_t(rows * groups));
    }
    Quantised view(int64_t columns, int64_t groups) {
        return {values.data(), scales.data(), sums.data(), columns, groups};
    }
};

struct Scratch {  // of one program, for its longest step
    QuantisedRows rows, hidden;  // of an op's input; of what the experts have between their matrices
    std::vector<float> padded, attention, between, probabilities, weights, unit, gates;
    std::vector<int32_t> chosen, starts, tokens, active;
    std::vector<float> shares;  // of a row among its token's experts, in the order of `tokens`
    int64_t num_active;
    std::atomic<int64_t> next[2];
};

struct Turn {
    const Prepared &prepared;
    const yq_step &step;
    Scratch &scratch;
    Team &team;
    int index;
    const yq_op &op() const { return prepared.op; }
    void part(int64_t n, int64_t &first, int64_t &last) const { share(n, index, team.size(), first, last); }
};

static inline const float *row(const yq_rows &x, int64_t t) { return x.data + t * x.stride; }

template <typename T>
static inline void grow(std::vector<T> &buffer, int64_t size) {
    if (int64_t(buffer.size()) < size) buffer.resize(size_t(size));
}

void unpack_row(const yq_matrix &matrix, const Layout &layout, int64_t row, float *target);

void moe(const Turn &turn);
void moe_room(Scratch &scratch, const Prepared &one, int64_t max_rows);
void conv(const Turn &turn);
void delta(const Turn &turn);
void delta_room(Scratch &scratch, const Prepared &one, int64_t max_rows);
void gated_norm(const Turn &turn);
void sigmoid_mul(const Turn &turn);

}  // namespace yq
