// Every level equals the scalar one to the bit, on random shapes and values, the odd and extreme ones among them. Needs no
// Python, so that it runs where only an emulator is: levels [ROUNDS [SEED]].
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "core.h"
#include "team.h"

namespace {

struct Random {  // splitmix64
    uint64_t state;
    uint64_t next() {
        uint64_t z = state += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        return z ^ z >> 31;
    }
    int64_t below(int64_t n) { return int64_t(next() % uint64_t(n)); }
    int64_t between(int64_t low, int64_t high) { return low + below(high - low + 1); }
    float unit() { return float(next() >> 40) * 0x1p-23f - 1.0f; }
    // Mostly about one; sometimes zero, tiny, or so large that sums overflow.
    float value() {
        switch (below(40)) {
            case 0: return 0.0f;
            case 1: return unit() * 1e-38f;
            case 2: return unit() * 1e4f;
            default: return unit() * 4.0f;
        }
    }
    std::vector<float> values(int64_t n) {
        std::vector<float> made(static_cast<size_t>(n));
        for (float &x : made) x = value();
        return made;
    }
    template <size_t N>
    int64_t one_of(const int64_t (&options)[N]) { return options[below(N)]; }
};

int failures = 0;

template <typename T>
void expect_same(const char *what, int level, const std::vector<T> &wanted, const std::vector<T> &found) {
    if (wanted.size() == found.size() && !memcmp(wanted.data(), found.data(), wanted.size() * sizeof(T))) return;
    if (failures++ < 20) std::printf("level %d: %s differs from the scalar one\n", level, what);
}

// Run `make` at the scalar level and at every other one, and compare what it fills.
template <typename T, typename Make>
void at_every_level(const char *what, Make make) {
    yq_set_level(YQ_SCALAR);
    const std::vector<T> wanted = make();
    for (int level = YQ_AVX2; level <= YQ_NEON; level++) {
        if (yq_set_level(level) != 0) continue;
        expect_same<T>(what, level, wanted, make());
    }
}

void products(Random &random, yq_team *team) {
    int kind = int(random.below(4)), group = int(32 * random.one_of({1, 2, 4}));
    int64_t rows = random.between(1, 70), columns = random.between(1, 300), count = random.between(1, 20);
    bool grouped = kind == YQ_INT8 || kind == YQ_INT4;
    group = grouped ? group : 0;
    const std::vector<float> weights = random.values(rows * columns), x = random.values(count * columns);
    const std::vector<float> bias = random.values(rows);
    at_every_level<uint8_t>("a packed matrix", [&] {
        std::vector<uint8_t> packed(yq_packed_bytes(kind, rows, columns, group));
        if (yq_pack(team, kind, group, rows, columns, 0, rows, weights.data(), YQ_F32, packed.data())) std::abort();
        return packed;
    });
    std::vector<uint8_t> packed(yq_packed_bytes(kind, rows, columns, group));
    // In two parts, as a checkpoint is read.
    int64_t cut = rows > YQ_TILE ? random.between(1, (rows - 1) / YQ_TILE) * YQ_TILE : rows;
    if (yq_pack(team, kind, group, rows, columns, 0, cut, weights.data(), YQ_F32, packed.data())) std::abort();
    if (cut < rows && yq_pack(team, kind, group, rows, columns, cut, rows - cut, weights.data() + cut * columns, YQ_F32,
                              packed.data()))
        std::abort();
    yq_matrix matrix{kind, group, rows, columns, packed.data()};
    at_every_level<float>("a product", [&] {
        std::vector<float> y(size_t(count * rows));
        yq_linear(team, &matrix, random.state % 2 ? bias.data() : nullptr, x.data(), count, y.data());
        return y;
    });
    std::vector<float> all(size_t(count * rows)), one(static_cast<size_t>(rows));
    yq_linear(team, &matrix, bias.data(), x.data(), count, all.data());
    int64_t row = random.below(count);
    yq_linear(team, &matrix, bias.data(), x.data() + row * columns, 1, one.data());
    std::vector<float> company(all.begin() + row * rows, all.begin() + (row + 1) * rows);
    expect_same("a row in company", yq_level(), one, company);
}

// Any integers, scales and zero points, to be packed.
struct Integers {
    int group;
    int64_t rows, columns, row_bytes, groups;
    std::vector<uint8_t> codes, zeros;
    std::vector<uint16_t> scales;
    Integers(Random &random, int bits, int size, int64_t rows, int64_t columns)
        : group(size), rows(rows), columns(columns), row_bytes(yq::round_up(columns * bits, 32) / 8),
          groups((columns + size - 1) / size) {
        for (int64_t i = 0; i < rows * row_bytes; i++) codes.push_back(uint8_t(random.next()));
        for (int64_t i = 0; i < rows * groups; i++) {
            zeros.push_back(uint8_t(random.below(1 << bits)));
            scales.push_back(yq::float_to_half(random.value()));
        }
    }
    std::vector<uint8_t> packed(yq_team *team, int kind) const {
        std::vector<uint8_t> made(yq_packed_bytes(kind, rows, columns, group));
        if (yq_pack_groups(team, kind, group, rows, columns, codes.data(), row_bytes, scales.data(), zeros.data(), made.data()))
            std::abort();
        return made;
    }
};

std::vector<float> product(yq_team *team, const yq_matrix &matrix, const float *x, int64_t count) {
    std::vector<float> y(size_t(count * matrix.rows));
    yq_linear(team, &matrix, nullptr, x, count, y.data());
    return y;
}

void zero_points(Random &random, yq_team *team) {
    const bool wide = random.below(2);
    const int group = int(32 * random.one_of({1, 2, 4}));
    const int64_t rows = random.between(1, 70), columns = random.between(1, 300), count = random.between(1, 20);
    Integers integers(random, wide ? 8 : 4, group, rows, columns);
    const std::vector<float> x = random.values(count * columns);
    const int kind = wide ? YQ_INT8_ZEROS : YQ_INT4_ZEROS;
    std::vector<uint8_t> packed = integers.packed(team, kind);
    const yq_matrix matrix{kind, group, rows, columns, packed.data()};
    at_every_level<float>("a product with zero points", [&] { return product(team, matrix, x.data(), count); });
    const std::vector<float> all = product(team, matrix, x.data(), count);
    const int64_t row = random.below(count);
    const std::vector<float> company(all.begin() + row * rows, all.begin() + (row + 1) * rows);
    expect_same("a row with zero points in company", yq_level(), product(team, matrix, x.data() + row * columns, 1), company);
    // In the middle everywhere, they say what the kinds without them say.
    for (uint8_t &zero : integers.zeros) zero = wide ? 128 : 8;
    const int plain = wide ? YQ_INT8 : YQ_INT4;
    const std::vector<uint8_t> with = integers.packed(team, kind), without = integers.packed(team, plain);
    expect_same("zero points in the middle", yq_level(),
                product(team, {plain, group, rows, columns, without.data()}, x.data(), count),
                product(team, {kind, group, rows, columns, with.data()}, x.data(), count));
}

// Blocks of any bytes, each with its scales behind them.
std::vector<uint8_t> quantised_cache(Random &random, int64_t blocks, int size) {
    std::vector<uint8_t> made;
    for (int64_t block = 0; block < blocks; block++) {
        for (int64_t i = 0; i < yq::cache_scales(size); i++) made.push_back(uint8_t(random.below(255) - 127));
        const std::vector<float> scales = random.values(YQ_BLOCK);
        made.insert(made.end(), (const uint8_t *)scales.data(), (const uint8_t *)(scales.data() + YQ_BLOCK));
    }
    return made;
}

void attention(Random &random) {
    int per_kv = int(random.between(1, 7)), kv_heads = int(random.between(1, 3));
    int size = int(random.one_of({2, 6, 16, 32, 48, 64, 80, 96, 128, 256}));
    int kind = int(random.one_of({YQ_F32, YQ_BF16, YQ_INT8})), window = random.below(3) ? 0 : int(random.between(1, 200));
    int64_t length = random.below(4) ? random.between(1, 100) : random.between(500, 1200);
    int64_t blocks = (length + YQ_BLOCK - 1) / YQ_BLOCK, area = blocks * kv_heads * YQ_BLOCK * size;
    const std::vector<float> keys = random.values(area), values = random.values(area);
    std::vector<uint16_t> half_keys(keys.size()), half_values(keys.size());
    for (size_t i = 0; i < keys.size(); i++)
        half_keys[i] = yq::float_to_bf16(keys[i]), half_values[i] = yq::float_to_bf16(values[i]);
    std::vector<int32_t> table(static_cast<size_t>(blocks));
    for (int64_t i = 0; i < blocks; i++) table[size_t(i)] = int32_t(i);
    for (int64_t i = blocks - 1; i > 0; i--) std::swap(table[size_t(i)], table[size_t(random.below(i + 1))]);
    const int tokens = int(random.between(1, length < yq::attend_tokens(per_kv) ? length : yq::attend_tokens(per_kv)));
    const int64_t width = per_kv * size;
    const std::vector<float> q = random.values(tokens * width);
    yq::AttentionShape shape{per_kv * kv_heads, kv_heads, size, window, kind, 0.1f, nullptr, nullptr, 0, 0};
    const int64_t part = YQ_BLOCK * (size + (kind == YQ_INT8 ? 4 : 0));
    const std::vector<uint8_t> int8_keys = quantised_cache(random, blocks * kv_heads, size);
    const std::vector<uint8_t> int8_values = quantised_cache(random, blocks * kv_heads, size);
    shape.key = kind == YQ_BF16 ? (const uint8_t *)half_keys.data() : (const uint8_t *)keys.data();
    shape.value = kind == YQ_BF16 ? (const uint8_t *)half_values.data() : (const uint8_t *)values.data();
    if (kind == YQ_INT8) shape.key = int8_keys.data(), shape.value = int8_values.data();
    bool by_head = random.below(2);
    shape.block_stride = by_head ? part : kv_heads * part;
    shape.head_stride = by_head ? blocks * part : part;
    int64_t head = random.below(kv_heads), position = length - tokens;
    std::vector<float> scratch(size_t(yq::attend_scratch(per_kv, size)));
    at_every_level<float>("attention", [&] {
        std::vector<float> out(size_t(tokens * width));
        yq::kernels().attend(shape, q.data(), width, tokens, head, position, table.data(), scratch.data(), out.data(), width);
        return out;
    });
    std::vector<float> together(size_t(tokens * width)), alone(together.size());
    yq::kernels().attend(shape, q.data(), width, tokens, head, position, table.data(), scratch.data(), together.data(), width);
    for (int t = 0; t < tokens; t++)
        yq::kernels().attend(shape, q.data() + t * width, width, 1, head, position + t, table.data(), scratch.data(),
                             alone.data() + t * width, width);
    expect_same("attention together and alone", yq_level(), together, alone);
}

void rows(Random &random) {
    int64_t width = random.between(1, 300);
    const std::vector<float> x = random.values(width), y = random.values(width), weight = random.values(width);
    at_every_level<float>("a norm", [&] {
        std::vector<float> out(static_cast<size_t>(2 * width));
        yq::kernels().add_norm(x.data(), random.state % 2 ? y.data() : nullptr, weight.data(), 1e-6f, width, out.data(),
                               out.data() + width);
        return out;
    });
    std::vector<float> wide = x;
    for (float &one : wide) one *= 40.0f;
    at_every_level<float>("swiglu", [&] {
        std::vector<float> out(static_cast<size_t>(width));
        yq::kernels().swiglu(wide.data(), y.data(), width, out.data());
        return out;
    });
    int half = int(random.between(1, 64)), size = 2 * half;
    const std::vector<float> head = random.values(size), norm = random.values(size);
    const std::vector<float> cosine = random.values(half), sine = random.values(half);
    yq::Heads heads{random.below(2) ? norm.data() : nullptr, 1e-6f, size, half};
    at_every_level<float>("a rotation", [&] {
        std::vector<float> out = head;
        yq::kernels().turn(out.data(), heads, cosine.data(), sine.data());
        return out;
    });
}

void gates(Random &random) {
    int64_t width = random.between(1, 300);
    const std::vector<float> x = random.values(width), y = random.values(width), weight = random.values(width);
    at_every_level<float>("a softmax", [&] {
        std::vector<float> out(static_cast<size_t>(width));
        yq::kernels().softmax(x.data(), width, out.data());
        return out;
    });
    at_every_level<float>("a sum of parts", [&] {
        std::vector<float> out = y;
        yq::kernels().accumulate(x.data(), 0.3f, width, out.data());
        return out;
    });
    at_every_level<float>("a unit vector", [&] {
        std::vector<float> out(static_cast<size_t>(width));
        yq::kernels().unit(x.data(), width, 1e-6f, 0.25f, out.data());
        return out;
    });
    at_every_level<float>("a gated norm", [&] {
        std::vector<float> out(static_cast<size_t>(width));
        yq::kernels().gated_norm(x.data(), y.data(), weight.data(), 1e-6f, width, out.data());
        return out;
    });
    at_every_level<float>("a gate", [&] {
        std::vector<float> out(static_cast<size_t>(width));
        yq::kernels().sigmoid_mul(x.data(), y.data(), width, out.data());
        return out;
    });
}

// The kernel over all tokens at once and over [0, cut) and the rest: at every level one and the same.
void recurrences(Random &random) {
    const int64_t tokens = random.between(1, 9), cut = random.between(0, tokens);
    const int taps = int(random.between(1, 5)), channels = int(random.between(1, 70));
    const std::vector<float> x = random.values(tokens * channels), weight = random.values(taps * channels);
    const std::vector<float> tail = random.values((taps - 1) * channels);
    const auto convolved = [&](std::vector<int64_t> borders) {
        std::vector<float> out(size_t(tokens * channels)), state = tail;
        state.push_back(0.0f);  // never without memory
        for (size_t i = 1; i < borders.size(); i++) {
            int64_t at = borders[i - 1] * channels;
            yq::kernels().conv({x.data() + at, channels, borders[i] - borders[i - 1], weight.data(), state.data(), channels,
                                taps, channels, out.data() + at, channels});
        }
        out.insert(out.end(), state.begin(), state.end());
        return out;
    };
    at_every_level<float>("a convolution", [&] { return convolved({0, tokens}); });
    expect_same("a convolution in two", yq_level(), convolved({0, tokens}), convolved({0, cut, tokens}));

    const int keys = int(random.between(1, 40)), values = int(random.one_of({1, 15, 16, 33, 64, 128, 150}));
    const std::vector<float> q = random.values(tokens * keys), k = random.values(tokens * keys);
    const std::vector<float> v = random.values(tokens * values), gates = random.values(2 * tokens);
    const std::vector<float> before = random.values(keys * values);
    const auto delta = [&](std::vector<int64_t> borders, int64_t strip) {
        std::vector<float> out(size_t(tokens * values)), state = before;
        for (size_t i = 1; i < borders.size(); i++) {
            int64_t t = borders[i - 1];
            if (borders[i] == t) continue;
            yq::Delta one{q.data() + t * keys, k.data() + t * keys, keys, v.data() + t * values, values,
                          gates.data() + 2 * t, 2, borders[i] - t, state.data(), values, keys, out.data() + t * values, values};
            for (int64_t low = 0; low < values; low += strip)
                yq::kernels().delta(one, low, low + strip < values ? low + strip : values);
        }
        out.insert(out.end(), state.begin(), state.end());
        return out;
    };
    at_every_level<float>("the delta rule", [&] { return delta({0, tokens}, values); });
    expect_same("the delta rule in two", yq_level(), delta({0, tokens}, values), delta({0, cut, tokens}, 32));
}

// A mixture of experts as an op of its own.
void mixtures(Random &random, yq_team *team) {
    const int kind = int(random.below(6)), group = kind >= YQ_INT8 ? int(32 * random.one_of({1, 2, 4})) : 0;
    const int experts = int(random.between(1, 12)), chosen = int(random.between(1, experts)), shared = int(random.below(2));
    const int64_t columns = random.between(1, 150), between = random.between(1, 200), tokens = random.between(1, 70);
    std::vector<std::vector<uint8_t>> data;
    std::vector<yq_matrix> matrices;
    for (int e = 0; e < experts + shared; e++) {
        const int64_t width = e < experts ? between : 1 + between / 2;
        for (int part = 0; part < 3; part++) {
            const int64_t rows = part < 2 ? width : columns, wide = part < 2 ? columns : width;
            matrices.push_back({kind, group, rows, wide, nullptr});
            if (yq::has_zeros(kind)) {
                data.push_back(Integers(random, yq::is_int4(kind) ? 4 : 8, group, rows, wide).packed(team, kind));
                continue;
            }
            data.emplace_back(yq_packed_bytes(kind, rows, wide, group));
            const std::vector<float> weights = random.values(rows * wide);
            if (yq_pack(team, kind, group, rows, wide, 0, rows, weights.data(), YQ_F32, data.back().data())) std::abort();
        }
    }
    for (size_t i = 0; i < data.size(); i++) matrices[i].data = data[i].data();
    const std::vector<float> x = random.values(tokens * columns), logits = random.values(tokens * experts);
    const std::vector<float> gate = random.values(tokens);
    const bool normalise = random.below(2);
    const auto mixed = [&](int64_t first, int64_t count) {
        std::vector<float> out(size_t(count * columns));
        yq_op op{};
        op.code = YQ_MOE, op.width = int32_t(columns), op.experts = matrices.data(), op.num_experts = experts;
        op.num_chosen = chosen, op.has_shared = shared, op.normalise = normalise;
        op.in[0] = {x.data() + first * columns, columns, columns, int32_t(columns), int32_t(columns)};
        op.in[1] = {logits.data() + first * experts, experts, experts, experts, experts};
        if (shared) op.in[2] = {gate.data() + first, 1, 1, 1, 1};
        op.out[0] = out.data(), op.out_stride[0] = columns;
        yq_program *program = yq_program_new(&op, 1, count);
        yq_step step{};
        step.num_tokens = count;
        yq_program_run(program, team, &step);
        yq_program_free(program);
        return out;
    };
    at_every_level<float>("a mixture", [&] { return mixed(0, tokens); });
    const std::vector<float> all = mixed(0, tokens);
    const int64_t row = random.below(tokens);
    const std::vector<float> company(all.begin() + row * columns, all.begin() + (row + 1) * columns);
    expect_same("a mixture's row in company", yq_level(), mixed(row, 1), company);
}

}  // namespace

int main(int count, char **given) {
    int rounds = count > 1 ? std::atoi(given[1]) : 300;
    uint64_t seed = count > 2 ? std::strtoull(given[2], nullptr, 10) : 1;
    yq_team *team = yq_team_new(2);
    for (int round = 0; round < rounds; round++) {
        Random random{seed * 1000003 + uint64_t(round)};
        products(random, team);
        zero_points(random, team);
        attention(random);
        rows(random);
        gates(random);
        recurrences(random);
        mixtures(random, team);
    }
    yq_team_free(team);
    std::printf("%d rounds, levels", rounds);
    for (int level = YQ_SCALAR; level <= YQ_NEON; level++)
        if (yq_has_level(level)) std::printf(" %d", level);
    std::printf(", %d failures\n", failures);
    return failures != 0;
}
