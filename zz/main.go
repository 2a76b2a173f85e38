package main
import ("context";"fmt";"os";"time";"github.com/sigcity/sigcity/dataset")
func main(){
 f,err:=dataset.Open(os.Args[1]); if err!=nil {panic(err)}
 ctx:=context.Background()
 sim:=map[uint32]uint32{}
 for s,err:=range dataset.ReadTable[dataset.SIM](ctx,f,dataset.TableSIMs){ if err!=nil{panic(err)}; if _,ok:=sim[s.Person];!ok {sim[s.Person]=s.User} }
 type k struct{p uint32}
 by:=map[string]int{}; days:=0; n:=0
 for t,err:=range dataset.ReadTable[dataset.Trip](ctx,f,dataset.TableTrips){ if err!=nil{panic(err)}
  n++
  if t.Purpose=="away"||t.Purpose=="airport" { by[t.Purpose+" "+t.Mode]++
   if by[t.Purpose+" "+t.Mode]<4 { fmt.Println(t.Purpose,t.Mode,"person",t.Person,"sim",sim[t.Person],time.Unix(int64(t.Start),0).UTC(),(t.End-t.Start)/60,"min",t.DistanceM/1000,"km", len(t.Links),len(t.Rides)) } }
 }
 for a,err:=range dataset.ReadTable[dataset.Activity](ctx,f,dataset.TableActivities){ if err!=nil{panic(err)}; if a.Kind=="away"&&a.End-a.Start>=86400 {days++} }
 fmt.Println(by,"full days away",days,"trips",n)
}
