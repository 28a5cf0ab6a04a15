// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// speedTexts are the sentences of which the texts are made whose chunking is
// timed. The order of the sentences is random, so that neither side learns it.
var speedTexts = []struct {
	name      string
	sentences []string
}{
	{"English", []string{
		"Elasticsearch divides every long text into chunks before a model embeds them. ", "The size of a chunk is counted in words, and some of them overlap. ",
		"Does the third chapter, which he wrote in 1998, say anything about costs? ", "Prices rose from $3.14 to $27.50 within a year (see table 4). ",
		"Nobody had expected that the old bridge would stand for another century! ", "When the train arrived, the passengers were already waiting in the rain.\n\n",
		"It isn't always clear where a sentence ends, e.g. after an abbreviation. ", "The laboratory's results were published, discussed, and finally confirmed. ",
	}},
	{"code", []string{
		"func (s *server) handle(w http.ResponseWriter, r *http.Request) {\n", "\tif err := json.NewDecoder(r.Body).Decode(&request); err != nil {\n",
		"\t\treturn fmt.Errorf(\"cannot decode %q: %w\", name, err)\n\t}\n", "\tfor i := 0; i < len(values); i++ {\n\t\ttotal += values[i] * weights[i]\n\t}\n",
		"// The caller must hold the lock.\n", "}\n\n", "const maxRetries, timeout_ms = 5, 30_000\n", "\tresult, ok := cache[key.String()]\n",
	}},
	{"Chinese", []string{
		"今天天气很好，我们去公园散步吧。", "中华人民共和国的首都是北京，人口超过两千万。", "他在图书馆里读了一本关于古代历史的书。", "这家公司去年的销售额增长了百分之二十。",
		"请问最近的地铁站在哪里？", "科学家们发现了一种新的治疗方法，可以减轻患者的痛苦。", "虽然下着大雨，比赛还是按时开始了！", "搜索引擎把文章分成小段，然后计算每一段的向量。\n\n",
	}},
	{"Japanese", []string{
		"私は昨日東京タワーへ行きました。", "コンピューターのデータベースを検索する方法を説明します。", "春になると、公園の桜がとてもきれいに咲きます。", "会議は午後三時から始まりますので、遅れないでください。",
		"この本はとても面白いと思いませんか？", "新しいプロジェクトのスケジュールを確認しました！", "北海道の冬は寒いですが、雪景色がすばらしいです。", "ありがとうございます、またお願いします。\n\n",
	}},
	{"Korean", []string{
		"오늘은 날씨가 좋아서 공원에 산책하러 갔습니다. ", "서울에서 부산까지 기차로 세 시간쯤 걸립니다. ", "이 책은 정말 재미있다고 생각하지 않습니까? ", "새로운 검색 방법을 설명하겠습니다.\n\n",
	}},
	{"Thai", []string{
		"วันนี้อากาศดีมากเราไปเดินเล่นที่สวนสาธารณะกันเถอะ ", "ประเทศไทยมีอาหารอร่อยและผลไม้หลายชนิด ", "นักวิทยาศาสตร์ค้นพบวิธีการรักษาโรคแบบใหม่ ", "บริษัทของเราขายสินค้าได้มากขึ้นในปีที่แล้ว ",
		"กรุงเทพมหานครเป็นเมืองหลวงและมีประชากรมากที่สุด ", "เขาอ่านหนังสือเกี่ยวกับประวัติศาสตร์ในห้องสมุดทุกวัน\n\n",
	}},
	{"Lao, Khmer, Burmese", []string{
		"ສະບາຍດີຂ້ອຍຊື່ວ່າລາວພາສາລາວເປັນພາສາທີ່ສວຍງາມ ", "ຂ້ອຍຢາກໄປຕະຫຼາດເພື່ອຊື້ໝາກໄມ້ ", "ខ្ញុំស្រឡាញ់ប្រទេសកម្ពុជាភាសាខ្មែរមានអក្សរច្រើន ", "សិស្សទាំងអស់ទៅសាលារៀនរាល់ថ្ងៃ។ ",
		"မြန်မာနိုင်ငံသည်အရှေ့တောင်အာရှတွင်ရှိသည်။ ", "ကျွန်တော်ကျောင်းသွားသည်။\n\n",
	}},
	{"mixed", []string{
		"The quick brown fox isn't here. ", "今天天气很好，我们去公园散步吧。", "私は昨日東京タワーへ行きました。", "오늘은 날씨가 좋습니다. ", "วันนี้อากาศดีมากเราไปเดินเล่น ", "Привет, как дела? ",
		"नमस्ते दुनिया। आज मौसम अच्छा है। ", "مرحبا بالعالم، كيف حالك اليوم؟ ", "👩‍👩‍👧‍👦 🇩🇪🇫🇷 👍🏽 ", "Straße, café, naïve: 42 %.\n\n",
	}},
}

var speedSettings = []struct {
	name     string
	settings map[string]any
}{
	{"word", map[string]any{"strategy": "word", "max_chunk_size": 250, "overlap": 100}},
	{"sentence", map[string]any{"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}},
	{"recursive", map[string]any{"strategy": "recursive", "max_chunk_size": 250, "separator_group": "plaintext"}},
}

const (
	speedTextSize  = 100_000
	speedRounds    = 3
	speedPerRound  = 700 * time.Millisecond
	speedMegabytes = 1e6
)

// compareSpeed prints how fast Elasticsearch's chunkers and those of this project
// are, each in one thread after warming up, in MB of UTF-8 a second. The rounds
// alternate. A figure is the median of the medians of the rounds, a ratio has its
// range. The table is Markdown.
func compareSpeed(out io.Writer, command []string) (err error) {
	d, err := start(command)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()

	const line = "| %-19s | %-9s | %-21s | %13s | %4s |\n"
	fmt.Fprintf(out, line, "Text", "Strategy", "Ratio", "Elasticsearch", "Here")
	dashes := func(count int) string { return strings.Repeat("-", count) }
	fmt.Fprintf(out, line, dashes(19), dashes(9), dashes(21), dashes(13), dashes(4))
	for _, text := range speedTexts {
		for _, strategy := range speedSettings {
			r := row{Kind: "speed", Settings: strategy.settings, Text: speedText(text.sentences), Milliseconds: speedPerRound.Milliseconds()}
			var theirs, ours, ratios []float64
			for range speedRounds {
				median, err := d.medianDuration(r)
				if err != nil {
					return err
				}
				theirs = append(theirs, megabytesPerSecond(r.Text, median))
				if median, err = medianDuration(r); err != nil {
					return err
				}
				ours = append(ours, megabytesPerSecond(r.Text, median))
				ratios = append(ratios, ours[len(ours)-1]/theirs[len(theirs)-1])
			}
			fmt.Fprintf(out, line, text.name, strategy.name,
				fmt.Sprintf("%.1f (%.1f to %.1f)", median(ratios), slices.Min(ratios), slices.Max(ratios)),
				fmt.Sprintf("%.0f", median(theirs)), fmt.Sprintf("%.0f", median(ours)))
		}
	}
	return nil
}

func speedText(sentences []string) string {
	random := rand.New(rand.NewPCG(1, 1))
	var text strings.Builder
	for text.Len() < speedTextSize {
		text.WriteString(pick(random, sentences))
	}
	return text.String()
}

// medianDuration returns what the driver takes for the text, in nanoseconds.
func (d *driver) medianDuration(r row) (float64, error) {
	answers, err := d.ask([]row{r})
	if err != nil {
		return 0, err
	}
	if answers[0].Error != "" {
		return 0, errors.New(answers[0].String())
	}
	var durations []float64
	if err := json.Unmarshal(answers[0].Result, &durations); err != nil {
		return 0, err
	}
	return median(durations), nil
}

// medianDuration returns what this project takes for the text, in nanoseconds.
func medianDuration(r row) (float64, error) {
	chunker, err := ourChunker(r)
	if err != nil {
		return 0, err
	}
	var durations []float64
	for began := time.Now(); time.Since(began).Milliseconds() < r.Milliseconds; {
		start := time.Now()
		if _, err := chunker.Chunks(r.Text); err != nil {
			return 0, err
		}
		durations = append(durations, float64(time.Since(start)))
	}
	return median(durations[len(durations)/2:]), nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func megabytesPerSecond(text string, nanoseconds float64) float64 {
	return float64(len(text)) / speedMegabytes / (nanoseconds / float64(time.Second))
}
