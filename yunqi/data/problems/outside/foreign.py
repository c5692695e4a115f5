"""Short questions in languages that the model does not know; it says which ones it does.

A row holds templates and the words that fill them. Bare sums are left out: they are the same in every language.
"""

from __future__ import annotations

from collections.abc import Mapping

from yunqi.data.problems.phrasing import listed

Row = tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]


def _row(templates: str, things: str, places: str) -> Row:
    """`{n}` is a thing, `{c}` a place."""
    return listed(templates), {"n": listed(things), "c": listed(places)}


FOREIGN: Mapping[str, Row] = {
    "fr": _row(
        "Qu'est-ce que {n} ? | Pourquoi aimes-tu {n} ? | Où se trouve {c} ? | Comment aller à {c} ? | Qui es-tu ?"
        "| Quel temps fait-il à {c} ? | Je m'appelle {Invented}. Comment ça va ? | Quelle heure est-il à {c} ?"
        "| Écris un poème sur {n}. | Combien de gens vivent à {c} ? | Qui a inventé {n} ? | Je voudrais visiter {c}."
        "| Explique-moi {n}. | Est-ce que {Invented} aime {n} ? | Parlez-vous français ? | Que sais-tu sur {n} ?"
        "| Raconte une histoire avec {n}. | Peux-tu m'aider avec {n} ? | Quel est le meilleur hôtel à {c} ?",
        "la lune | le fromage | l'amour | la démocratie | mon chat | le football | la musique | le soleil | la mer"
        "| la guerre | une voiture | le pain | l'école",
        "Paris | Lyon | Bruxelles | Genève | Marseille | Montréal | Rome | Londres | Tokyo",
    ),
    "es": _row(
        "¿Qué es {n}? | ¿Dónde está {c}? | ¿Cómo llego a {c}? | ¿Qué tiempo hace en {c}? | ¿Quién inventó {n}?"
        "| Me llamo {Invented}. ¿Cómo estás? | ¿Qué hora es en {c}? | Escribe un poema sobre {n}."
        "| ¿Cuántas personas viven en {c}? | Quiero viajar a {c}. | Explícame {n}. | ¿Le gusta {n} a {Invented}?"
        "| ¿Hablas español? | ¿Por qué existe {n}? | ¿Qué sabes sobre {n}? | Cuéntame un cuento sobre {n}."
        "| ¿Puedes ayudarme con {n}? | ¿Cuál es el mejor restaurante de {c}? | ¿Cuándo empezó {n}?",
        "la luna | el queso | el amor | la democracia | mi gato | el fútbol | la música | el sol | el mar | la guerra"
        "| un coche | el pan | la escuela",
        "Madrid | Sevilla | Lima | Bogotá | Buenos Aires | México | Roma | Londres | Tokio",
    ),
    "it": _row(
        "Che cos'è {n}? | Dove si trova {c}? | Come arrivo a {c}? | Che tempo fa a {c}? | Chi ha inventato {n}?"
        "| Mi chiamo {Invented}. Come stai? | Che ore sono a {c}? | Scrivi una poesia su {n}. | Parli italiano?"
        "| Quante persone vivono a {c}? | Vorrei andare a {c}. | Spiegami {n}. | A {Invented} piace {n}?"
        "| Cosa sai di questo: {n}? | Raccontami una storia con {n}. | Puoi aiutarmi con {n}? | Perché esiste {n}?"
        "| Qual è il miglior ristorante di {c}? | Ti piace {n}?",
        "la luna | il formaggio | l'amore | la democrazia | il mio gatto | il calcio | la musica | il sole | il mare"
        "| la guerra | una macchina | il pane | la scuola",
        "Roma | Milano | Napoli | Torino | Venezia | Parigi | Londra | Madrid | Tokyo",
    ),
    "pt": _row(
        "O que é {n}? | Onde fica {c}? | Como chego a {c}? | Como está o tempo em {c}? | Quem inventou {n}?"
        "| Meu nome é {Invented}. Tudo bem? | Que horas são em {c}? | Escreva um poema sobre {n}."
        "| Você fala português? | Quantas pessoas moram em {c}? | Quero viajar para {c}. | Explique {n}."
        "| {Invented} gosta disso: {n}? | O que você sabe sobre {n}? | Conte uma história sobre {n}."
        "| Pode me ajudar com {n}? | Por que existe {n}? | Qual é o melhor hotel em {c}?",
        "a lua | o queijo | o amor | a democracia | meu gato | o futebol | a música | o sol | o mar | a guerra"
        "| um carro | o pão | a escola",
        "Lisboa | Porto | São Paulo | Brasília | Recife | Madri | Roma | Londres | Tóquio",
    ),
    "nl": _row(
        "Wat is {n}? | Waar ligt {c}? | Hoe kom ik in {c}? | Wat voor weer is het in {c}? | Wie heeft {n} uitgevonden?"
        "| Ik heet {Invented}. Hoe gaat het? | Hoe laat is het in {c}? | Schrijf een gedicht over {n}."
        "| Hoeveel mensen wonen er in {c}? | Ik wil graag naar {c} gaan. | Leg {n} eens uit. | Spreek je Nederlands?"
        "| Wat weet je over {n}? | Vertel een verhaal over {n}. | Kun je me helpen met {n}? | Waarom bestaat {n}?"
        "| Houdt {Invented} van {n}? | Wat is het beste hotel in {c}?",
        "de maan | kaas | de liefde | de democratie | mijn kat | voetbal | muziek | de zon | de zee | de oorlog"
        "| een auto | brood | de school",
        "Amsterdam | Utrecht | Rotterdam | Den Haag | Gent | Brussel | Parijs | Londen | Tokio",
    ),
    "pl": _row(
        "Co to jest {n}? | Gdzie leży {c}? | Jak daleko jest {c}? | Jaka pogoda dziś: {c}? | Kto wymyślił to: {n}?"
        "| Nazywam się {Invented}. Jak się masz? | Która jest godzina, {c}? | Napisz wiersz, temat: {n}."
        "| Ile osób tu mieszka: {c}? | Chcę zobaczyć miasto {c}. | Wyjaśnij, co to jest {n}. | Czy mówisz po polsku?"
        "| Co wiesz na temat: {n}? | Opowiedz bajkę, w której jest {n}. | Dlaczego istnieje {n}? | Czy ładna jest {c}?",
        "księżyc | ser | miłość | demokracja | mój kot | piłka nożna | muzyka | słońce | morze | wojna | samochód"
        "| chleb | szkoła",
        "Warszawa | Łódź | Gdynia | Bydgoszcz | Praga | Lizbona | Moskwa | Ateny",
    ),
    "tr": _row(
        "{n} nedir? | {c} nerede? | {c} ne kadar uzak? | {c} için hava nasıl? | Bugün {c} nasıl? | Kim buldu: {n}?"
        "| Benim adım {Invented}. Nasılsın? | {c} şehrinde saat kaç? | {n} hakkında bir şiir yaz."
        "| Türkçe biliyor musun? | {c} şehrinde kaç kişi yaşıyor? | {c} şehrini görmek istiyorum. | Bana {n} anlat."
        "| {Invented} kimdir? | {n} hakkında ne biliyorsun? | Neden {n} var? | {n} için bana yardım eder misin?",
        "ay | peynir | aşk | demokrasi | kedim | futbol | müzik | güneş | deniz | savaş | araba | ekmek | okul",
        "Ankara | Bursa | Antalya | Konya | Adana | Paris | Roma | Londra | Tokyo",
    ),
    "ru": _row(
        "Что такое {n}? | Где находится {c}? | Как далеко {c}? | Какая погода: {c}? | Кто придумал: {n}?"
        "| Как дела? | Который час? | Напиши стих: {n}. | Ты говоришь по-русски? | Хочу увидеть {c}."
        "| Сколько людей: {c}? | Объясни, что такое {n}. | Почему есть {n}? | Как тебя зовут? | Кто ты?"
        "| Расскажи сказку: {n}. | Что ты знаешь: {n}? | Привет! Где {c}? | Помоги мне: {n}.",
        "луна | сыр | любовь | мой кот | футбол | музыка | солнце | море | война | машина | хлеб | школа",
        "Москва | Казань | Тверь | Рим | Париж | Лондон | Токио | Минск",
    ),
    "ar": _row(
        "ما هو {n}؟ | أين تقع {c}؟ | كيف أصل إلى {c}؟ | كيف الطقس في {c}؟ | من اخترع {n}؟ | كيف حالك؟"
        "| كم الساعة في {c}؟ | اكتب قصيدة عن {n}. | هل تتكلم العربية؟ | كم عدد سكان {c}؟ | أريد السفر إلى {c}."
        "| اشرح لي {n}. | ماذا تعرف عن {n}؟ | ما اسمك؟ | لماذا يوجد {n}؟ | احك لي قصة عن {n}.",
        "القمر | الجبن | الحب | القط | الشمس | البحر | الخبز | العلم | الذهب | الشاي | الكتاب",
        "القاهرة | دبي | بغداد | تونس | باريس | روما | لندن | دمشق",
    ),
    "hi": _row(
        "{n} क्या है? | {c} कहाँ है? | {c} कैसे जाऊँ? | {c} का मौसम? | आप कैसे हैं? | {n} पर कविता लिखो।"
        "| क्या आप हिंदी जानते हैं? | मुझे {c} जाना है। | {n} समझाओ। | {n} क्यों है? | तुम कौन हो?"
        "| {n} के बारे में बताओ। | {c} में समय क्या है? | मेरी मदद करो।",
        "चाँद | प्यार | संगीत | सूरज | पानी | रोटी | चाय | किताब | फूल",
        "दिल्ली | मुंबई | आगरा | पुणे | पेरिस | लंदन",
    ),
    "ja": _row(
        "{n}とは何ですか？ | {c}はどこですか？ | {c}の天気はどうですか？ | {n}について教えてください。"
        "| {c}は今何時ですか？ | {n}の詩を書いて。 | 日本語がわかりますか？ | お元気ですか？ | {c}に行きたいです。"
        "| {n}が好きですか？ | あなたのお名前は？ | なぜ{n}があるの？ | {c}まではどう行きますか？ | こんにちは。"
        "| {n}の話をしてください。 | {c}に何人いますか？",
        "月 | チーズ | 愛 | 猫 | サッカー | 音楽 | 太陽 | 海 | 車 | パン | 学校",
        "東京 | 京都 | 大阪 | パリ | ローマ | ロンドン",
    ),
    "ko": _row(
        "{n}은 무엇입니까? | {c} 어디예요? | {c} 날씨 어때요? | {n} 이야기 해줘. | {c} 지금 몇 시예요?"
        "| {n} 시를 써 줘. | 한국어 할 수 있어? | 잘 지내요? | {c} 가고 싶어요. | {n} 좋아해요? | 이름이 뭐예요?"
        "| 왜 {n} 있어요? | {c} 어떻게 가요? | 안녕하세요? | {n} 설명해 줘.",
        "달 | 치즈 | 사랑 | 고양이 | 축구 | 음악 | 태양 | 바다 | 빵 | 학교",
        "서울 | 부산 | 제주 | 파리 | 로마 | 런던",
    ),
}
