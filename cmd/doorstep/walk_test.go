//go:build e2e

package main

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// figures are the headline figures as the dashboard shows them.
type figures struct {
	rate                                     string
	success, concluded, governance, received int
	confirmed                                int
}

func (b *browser) figures() figures {
	b.t.Helper()
	number := func(id string) int {
		n, err := strconv.Atoi(b.attribute(`[data-testid="`+id+`"]`, "data-value"))
		if err != nil {
			b.t.Fatalf("%s: %v", id, err)
		}
		return n
	}
	return figures{
		rate: b.attribute(`[data-testid="success-rate"]`, "data-value"), success: number("success-part"), concluded: number("success-whole"),
		governance: number("governance"), received: number("received"), confirmed: number("confirmed"),
	}
}

// TestWalkFromFilingToTheDashboard is the whole way of one dispute through the
// hands of everybody it concerns, in a browser, against the program itself.
func TestWalkFromFilingToTheDashboard(t *testing.T) {
	d := startDemo(t, filepath.Join(t.TempDir(), "demo-court"))
	b := openBrowser(t, d.url)

	b.visit("/login")
	b.picture("login", true)
	b.as("leadership", "")
	before := b.figures()
	if before != (figures{"52.05", 2476, 4757, 54, 4719, 824}) {
		t.Errorf("the dashboard shows %+v", before)
	}
	if was, is := b.read(`[data-testid="suits-before"]`), b.read(`[data-testid="suits-now"]`); !strings.Contains(was, "97.32") || !strings.Contains(is, "84.38") {
		t.Errorf("suits per 10,000: %s -> %s", was, is)
	}
	b.picture("dashboard", true)
	b.press(`[data-testid="received-list"]`)
	if n := b.attribute(`[data-testid="total"]`, "data-total"); n != "4719" {
		t.Errorf("the list behind 4719 received holds %s", n)
	}

	// A leader's second window stays open on the dashboard through it all.
	leader := openBrowser(t, d.url)
	leader.as("leadership", "")

	// The judge files a dispute at the workstation.
	b.as("judge", "130108009")
	b.picture("desk", true)
	b.visit("/cases/new")
	b.typeIn("cause", "物业服务合同纠纷")
	b.typeIn("amount", "3200.50")
	b.typeIn("a1-name", "喆翀物业服务有限公司")
	b.typeIn("b1-name", "堃珺")
	b.typeIn("b1-phone", "13800000000")
	b.typeIn("facts", "拖欠两年物业费，业主认为服务不到位。")
	b.fill("informed", "yes")
	b.picture("filing", true)
	b.press(`main button[name="then"][value="designation"]`)

	// It is routed with the reasons shown.
	if n := b.count(`[data-testid="candidate"]`); n < 3 {
		t.Errorf("%d candidates are offered", n)
	}
	if first := b.attribute(`[data-testid="candidate"]`, "data-code"); first != "HY-01" {
		t.Errorf("%s is offered first for a property dispute, not the committee for property disputes", first)
	}
	b.picture("designation", true)
	b.fill("organisation", "HY-01")
	b.press(`main form button.primary`)
	id := b.caseID()

	// The committee accepts, mediates and records.
	b.as("committee", "HY-01")
	b.picture("committee", true)
	b.visit("/cases/" + id + "/acceptance")
	b.typeIn("mediator", "贇彧")
	b.press(`main form button.primary`)
	b.visit("/cases/" + id + "/session")
	b.fill("mode", "现场")
	b.fill("minutes", "50")
	b.fill("attended", "A1", "B1")
	b.typeIn("record", "双方对欠费金额无争议，就服务整改达成一致。")
	b.picture("session", false)
	b.press(`main form button.primary`)
	b.visit("/cases/" + id + "/agreement")
	b.fill("form", "written")
	b.typeIn("terms", "被申请人于2022年1月31日前一次付清3200.50元；申请人于十五日内完成楼道整改。")
	b.press(`main form button.primary`)
	b.picture("case", true)
	b.visit("/cases/" + id + "/effect")
	b.fill("signed", "yes")
	b.fill("sealed", "yes")
	start := time.Now()
	b.press(`main form button.primary`)

	// The leader's open window moves by itself, by exactly one.
	leader.until(`document.querySelector('[data-testid="success-part"]').dataset.value === '2477'`)
	t.Logf("the open dashboard showed the new success %s after the deed was sent", time.Since(start).Round(time.Millisecond))
	want := figures{"52.06", 2477, 4758, 54, 4720, 824}
	if got := leader.figures(); got != want {
		t.Errorf("the dashboard moved to %+v, want %+v", got, want)
	}

	// The parties apply for confirmation, and the court confirms.
	b.as("judge", "130108009")
	b.visit("/cases/" + id + "/confirmation-application")
	b.fill("joint", "yes")
	b.press(`main form button.primary`)
	b.as("confirming", "")
	b.picture("confirmations", true)
	b.visit("/cases/" + id + "/confirmation/acceptance")
	b.press(`main form button.primary`)
	b.visit("/cases/" + id + "/confirmation/ruling")
	b.typeIn("number", "（2021）冀0108诉前调确900号")
	b.press(`main form button.primary`)
	b.picture("case-confirmed", true)
	want.confirmed++
	leader.until(`document.querySelector('[data-testid="confirmed"]').dataset.value === '825'`)
	if got := leader.figures(); got != want {
		t.Errorf("after confirmation the dashboard shows %+v, want %+v", got, want)
	}

	// Killed and started again, everything is there.
	d.kill()
	d = startDemo(t, d.data)
	b.base = d.url
	b.as("leadership", "")
	if got := b.figures(); got != want {
		t.Errorf("after a kill the dashboard shows %+v, want %+v", got, want)
	}
	b.as("judge", "130108009")
	b.visit("/cases/" + id)
	if body := b.read("main"); !strings.Contains(body, "3,200.50") || !strings.Contains(body, "申请人于十五日内完成楼道整改。") || !strings.Contains(body, "贇彧") {
		t.Errorf("the case lost something:\n%s", body)
	}
	d.stop()
	verification(t, d.data)
}

// caseID is the id of the case that the page is about.
func (b *browser) caseID() string {
	b.t.Helper()
	at := strings.TrimPrefix(obtain(b, chromedp.Location()), b.base+"/cases/")
	id, _, _ := strings.Cut(at, "?")
	id, _, _ = strings.Cut(id, "/")
	if len(id) < 16 {
		b.t.Fatalf("no case in %s", b.where())
	}
	return id
}

func TestWalkOfADisputeThatIsHandedBack(t *testing.T) {
	d := startDemo(t, filepath.Join(t.TempDir(), "demo-court"))
	b := openBrowser(t, d.url)
	b.as("judge", "130108001")
	b.visit("/cases/new")
	b.typeIn("cause", "民间借贷纠纷")
	b.typeIn("a1-name", "甲某")
	b.typeIn("b1-name", "乙某")
	b.fill("informed", "yes")
	b.press(`main button[name="then"][value="designation"]`)
	first := b.attribute(`[data-testid="candidate"]`, "data-code")
	b.fill("organisation", first)
	b.press(`main form button.primary`)
	id := b.caseID()

	b.as("committee", first)
	b.visit("/cases/" + id + "/refusal")
	b.typeIn("reason", "本组织近期人手不足。")
	b.press(`main form button.primary`)

	b.as("judge", "130108001")
	b.visit("/cases/" + id + "/designation")
	if body := b.read("main"); !strings.Contains(body, "该组织此前已退回本案") {
		t.Errorf("the page does not say why the first is no longer offered: %s", body)
	}
	if next := b.attribute(`[data-testid="candidate"]`, "data-code"); next == first {
		t.Error("the organisation that declined is offered again")
	}

	// Another workstation finds nothing there.
	b.as("judge", "130108002")
	b.visit("/cases/" + id)
	if n := b.count(`[data-testid="fault"]`); n != 1 {
		t.Errorf("another workstation sees the case: %s", b.where())
	}
}
