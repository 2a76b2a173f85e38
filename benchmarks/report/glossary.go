package report

// term is an entry of the page's glossary; ID is its anchor.
type term struct{ ID, Name, Text string }

// glossary explains what the page measures, in about two lines each.
func glossary() []term {
	return []term{
		{"g-utility", "Utility, truth-normalised", "U = (score of the release against truth − N) / (C − N), where C is the score of the raw data and N that of a predictor that knows no record. 1 is as good as raw data, 0 as good as knowing nothing; a denoiser may exceed 1."},
		{"g-raw", "Utility against raw", "The task's score when the answer from the release is compared with the answer from the raw data. Identity scores 1 by definition: it tells what the release changed, not whether the change hurts."},
		{"g-informative", "Informative task", "A task on which raw data beat the null predictor clearly (lower bound of C − N above 0.05). Tasks that are not are shown but stay out of every mean."},
		{"g-risk", "Risk", "The worst headline among the realistic attacks: the share of targets that were rightly linked, or the residual risk of an inference. An attack that does not apply is n/a, which is not 0."},
		{"g-residual", "Residual risk", "(attack − control) / (1 − control): what the release adds to what the attacker gets right about people who are not in it at all."},
		{"g-control", "Control", "The same attack on people held out before anonymization, with all their SIMs. For linkage it is the rate of false accusations."},
		{"g-baseline", "Baseline", "What chance, the population's prior or an attacker without the release reaches. A risk at the baseline is no risk that the release made."},
		{"g-interval", "Interval", "In brackets, 95 %. Shares: Wilson's score interval. Utility: delete-a-group jackknife over persons. Over several seeds their mean."},
		{"g-upper", "Upper bound", "Set where the attacker knows the very records that are released. Real outside knowledge is delayed, displaced and thin, so the truth lies below."},
		{"g-dominated", "Dominated, front", "A mark is dominated if another one, on the same data and over the same tasks, is at least as useful and as private, and better in one. What nothing dominates is the front; controls are on none."},
		{"g-claim", "Claim and audit", "What the method promises, with its unit (point, trajectory, SIM, person), and whether a separate check of the release found that it holds, is broken or cannot be checked."},
		{"g-losses", "Displacement, blur, suppressed", "Mean (and 90th percentile) distance of the released from the true cell centre; mean length of a released record's time interval; users and records left out altogether."},
		{"g-coverage", "Coverage", "Share of targets or users that were answered at all. Who is not answered counts as a failure, never as left out."},
		{"g-subset", "Subset", "Methods whose cost grows with the square of the number of users ran on fewer persons and days. Their marks are hollow, and comparable only among themselves."},
		{"g-density", "N and density", "How many SIMs, and how many per km². Hiding in a crowd gets cheaper with density, unicity rises as N falls: no verdict holds without both."},
	}
}
